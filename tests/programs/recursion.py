"""Recursion: one frame's lines are not another's, though the code is the same."""


def fact(n):
    if n <= 1:  # @fact
        return 1  # @bottom
    rest = fact(n - 1)  # @recurse
    return n * rest  # @fact_return


def is_even(n):
    if n == 0:  # @even
        return True  # @even_bottom
    return is_odd(n - 1)  # @even_recurse


def is_odd(n):
    if n == 0:  # @odd
        return False
    return is_even(n - 1)  # @odd_recurse


def dive(n):
    if n == 0:  # @dive
        raise LookupError("the bottom")  # @raise
    dive(n - 1)  # @deeper


x = fact(5)  # @main
y = is_even(4)  # @parity
try:
    dive(3)  # @try
except LookupError as error:  # @except
    z = str(error)  # @handler
print(x, y, z)  # @last
