"""Class bodies, decorators, metaclasses: what runs when a definition runs."""

import functools

made = []


def register(function):
    made.append(function.__name__)  # @register
    return function  # @register_return


def logged(function):
    @functools.wraps(function)  # @wraps
    def wrapper(*args):  # @wrapper_def
        result = function(*args)  # @wrapper
        return result  # @wrapper_return

    return wrapper  # @logged_return


class Meta(type):
    def __new__(meta, name, bases, namespace):
        made.append(name)  # @meta
        return super().__new__(meta, name, bases, namespace)  # @meta_return


@register  # @deco
def plain(n):  # @plain_def
    return n + 1  # @plain


@logged  # @deco_logged
def noisy(n):  # @noisy_def
    return n * 2  # @noisy


class Shape(metaclass=Meta):  # @class
    sides = 0  # @sides
    names = [n for n in ("a", "b")]  # @names

    @register  # @method_deco
    def area(self):  # @area_def
        return self.sides  # @area

    @classmethod
    def unit(cls):
        return cls()  # @unit

    @staticmethod
    def helper(n):
        return n  # @helper


shape = Shape.unit()  # @main
a = plain(1)  # @call_plain
b = noisy(2)  # @call_noisy
c = shape.area()  # @call_area
d = Shape.helper(4)  # @call_helper
print(a, b, c, d, made)  # @last
