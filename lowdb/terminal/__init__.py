"""The terminal: line editing, colour and completion by prompt-toolkit and pygments; loaded at the first prompt."""
