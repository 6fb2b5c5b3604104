"""Everything on one line: functions, lambdas, loops, comprehensions, several statements."""


def one(n): return n + 1  # @one
def two(n): m = n * 2; return m  # @two


triple = lambda n: n * 3  # @lambda
def spin(n):
    for k in range(n): n += k  # @spin
    while n > 10: n -= 1  # @while
    return n  # @spin_return


def made(n):
    evens = [k for k in range(n) if k % 2 == 0]  # @list
    table = {k: one(k) for k in evens}  # @dict
    lazy = (triple(k) for k in table)  # @lazy
    return sum(lazy)  # @sum


class Point: x = 1; y = 2  # @class


a = one(1); b = two(2)  # @main
c = triple(3)  # @triple
d = spin(5)  # @do_spin
e = made(5)  # @do_made
f = one(two(triple(1)))  # @nested
if f: g = Point.x + Point.y  # @if
print(a, b, c, d, e, f, g)  # @last
