"""Calls without parentheses: properties, operators, sort keys, __del__, callbacks from C."""


class Money:
    def __init__(self, cents):
        self.cents = cents  # @init

    @property
    def euros(self):
        return self.cents / 100  # @property

    def __add__(self, other):
        return Money(self.cents + other.cents)  # @operator

    def __lt__(self, other):
        return self.cents < other.cents  # @less

    def __del__(self):
        dropped.append(self.cents)  # @del

    def __getattr__(self, name):
        return f"no {name}"  # @getattr

    def __call__(self):
        return -self.cents  # @call


def key(money):
    return -money.cents  # @key


def double(n):
    return n * 2  # @double


def both(first, second):
    return first + second  # @both


dropped = []
a = Money(150)  # @main
b = Money(50)  # @second
c = a + b  # @add
e = c.euros  # @euros
ordered = sorted([a, b, c], key=key)  # @sort
lowest = min(a, b).cents  # @min
text = a.colour  # @missing
negative = a()  # @invoke
doubled = list(map(double, [1, 2]))  # @map
nested = both(double(3), double(4))  # @nested
del c, ordered  # @drop
after = len(dropped)  # @after
print(e, lowest, text, negative, doubled, nested, dropped)  # @last
