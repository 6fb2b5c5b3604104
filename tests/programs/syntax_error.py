"""A syntax error."""


def broken(:
    return 1
