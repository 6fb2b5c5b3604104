"""A package to be run with -m."""
