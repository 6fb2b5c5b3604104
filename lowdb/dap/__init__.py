"""The front end for an editor: the Debug Adapter Protocol, served inside the debuggee."""
