"""Imports a module of ours late, in a function."""


def load():
    import late_module  # @import

    return late_module.double(21)  # @use


before = "before"  # @main
answer = load()  # @load
print(before, answer)  # @last
