"""Imported late by late.py."""

LOADED = True  # @top


def double(n):
    result = n * 2  # @double
    return result  # @double_return


class Late:
    def method(self):
        return LOADED  # @method
