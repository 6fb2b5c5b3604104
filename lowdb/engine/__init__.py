"""Events, stops and plans: what decides when the program stops and how it goes on."""
