"""The debugger's conversation with a person: commands in, typed blocks out; knows no screen."""
