"""Library code between two frames of ours: contextlib, functools, sorted keys through the standard library."""

import contextlib
import functools
import heapq

log = []


@contextlib.contextmanager
def opened(name):
    log.append(f"open {name}")  # @open
    try:  # @try
        yield name.upper()  # @yield
    finally:
        log.append(f"close {name}")  # @close


@functools.total_ordering
class Size:
    def __init__(self, n):
        self.n = n  # @init

    def __eq__(self, other):
        return self.n == other.n  # @eq

    def __lt__(self, other):
        return self.n < other.n  # @lt


def price(n):
    return -n  # @price


def use():
    with opened("a") as handle:  # @with
        log.append(handle)  # @body
    after = len(log)  # @after
    largest = heapq.nsmallest(1, [3, 1, 2], key=price)  # @library
    bigger = Size(2) >= Size(1)  # @ordering
    return after, largest, bigger  # @use_return


print(use(), log)  # @last
