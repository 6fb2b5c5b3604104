"""`lowdb --dap`: the process that an editor speaks the Debug Adapter Protocol with, parent of the debuggee."""
