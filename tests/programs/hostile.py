"""Objects that raise, recurse, lie or drown whoever looks at them; none is touched by the program itself."""


class Bomb(Exception):
    pass


class RaisingRepr:
    def __repr__(self):
        raise Bomb("repr")


class RecursiveRepr:
    def __repr__(self):
        return repr(self)


class NonsenseRepr:
    def __repr__(self):
        return 42


class HugeRepr:
    def __repr__(self):
        return "x" * 5_000_000


class ManyLines:
    def __repr__(self):
        return "first\nsecond\x1b[31m\x00"


class RaisingGetattr:
    def __getattribute__(self, name):
        raise Bomb(name)


class RaisingEq:
    def __eq__(self, other):
        raise Bomb("eq")

    __hash__ = None


class RaisingHash:
    def __hash__(self):
        raise Bomb("hash")


class RaisingBool:
    def __bool__(self):
        raise Bomb("bool")

    def __len__(self):
        raise Bomb("len")


class LyingClass:
    @property
    def __class__(self):
        raise Bomb("class")


class PretendsToBeInt:
    __class__ = int


class ExitsInRepr:
    def __repr__(self):
        raise SystemExit("repr")


class Meta(type):
    def __repr__(cls):
        raise Bomb("class repr")

    def __instancecheck__(cls, instance):
        raise Bomb("instancecheck")


class RaisingMeta(metaclass=Meta):
    pass


class BadDict(dict):
    def __iter__(self):
        raise Bomb("iter")

    def items(self):
        raise Bomb("items")

    def __len__(self):
        return 10**9


class RaisingStr(Exception):
    def __str__(self):
        raise Bomb("str")


def look():
    raising = RaisingRepr()
    recursive = RecursiveRepr()
    nonsense = NonsenseRepr()
    huge = HugeRepr()
    many = ManyLines()
    blind = RaisingGetattr()
    unequal = RaisingEq()
    unhashable = RaisingHash()
    neither = RaisingBool()
    liar = LyingClass()
    pretender = PretendsToBeInt()
    leaving = ExitsInRepr()
    meta = RaisingMeta
    of_meta = RaisingMeta()
    table = BadDict(a=1)
    error = RaisingStr()
    cycle = []
    cycle.append(cycle)
    deep = None
    for _ in range(3000):
        deep = [deep]
    big = list(range(100_000))
    text = "y" * 3_000_000
    nested = [{"k": (raising, big)}] * 50
    return len(nested)  # @look


def arguments(raising, blind, liar):
    return 1  # @arguments


def fails():
    raise RaisingStr  # @raise


a = look()  # @main
b = arguments(RaisingRepr(), RaisingGetattr(), LyingClass())  # @call
try:
    fails()  # @fails
except RaisingStr:
    pass
print(a, b)  # @last
