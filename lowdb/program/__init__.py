"""The running program as data: code, sources, frames, scopes, values, threads, tasks. Knows no events and no screen."""
