"""Names of every scope: closures, nonlocal, global, class scope, deleted and unbound names, inlined comprehensions."""

counter = 10


def make(step):
    calls = 0  # @make

    def bump(by=1, *rest, flag=False, **options):
        nonlocal calls  # @nonlocal
        calls += by * step  # @bump
        local = calls + len(rest)  # @local
        return local  # @bump_return

    return bump  # @make_return


def unbound(give):
    if give:  # @unbound
        value = 1  # @bind
    doubled = [value_ * 2 for value_ in range(3)]  # @inlined
    extra = 5  # @extra
    del extra  # @del
    return doubled  # @unbound_return


def change():
    xs = [1, 2, 3]  # @change
    k = 10  # @k
    total = sum(x * k for x in xs)  # @total
    return total, k  # @change_return


def global_counter():
    global counter
    counter += 1  # @global
    return counter  # @global_return


class Scope:
    level = 1  # @level
    table = {"level": level}  # @table

    def get(self):
        return self.level, __class__.__name__  # @get


bump = make(3)  # @main
a = bump(2, "r", flag=True, colour="red")  # @call
b = unbound(False)  # @second
c = change()  # @third
d = global_counter()  # @fourth
e = Scope().get()  # @fifth
print(a, b, c, d, e)  # @last
