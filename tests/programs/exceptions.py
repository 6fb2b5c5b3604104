"""Exceptions: caught, chained, in groups, through finally and with, and one that nobody catches."""

import sys

log = []


class Refused(Exception):
    pass


def check(n):
    if n < 0:  # @check
        raise ValueError(f"negative {n}")  # @raise
    return n  # @check_return


def passes_through(n):
    value = check(n)  # @through
    return value + 1  # @through_return


def catches(n):
    try:
        return passes_through(n)  # @try
    except ValueError as error:  # @except
        log.append(str(error))  # @handler
    finally:
        log.append("finally")  # @finally
    return -1  # @catches_return


def chained():
    try:
        check(-2)  # @chain_try
    except ValueError as error:  # @chain_except
        raise Refused("no") from error  # @chain_raise


class Guard:
    def __init__(self, swallow):
        self.swallow = swallow  # @guard_init

    def __enter__(self):
        return self  # @enter

    def __exit__(self, kind, value, traceback):
        log.append(kind.__name__ if kind else None)  # @exit
        return self.swallow  # @exit_return


def guarded(n):
    with Guard(swallow=True):  # @with
        check(n)  # @with_body
    return "after"  # @after_with


def groups():
    errors = []
    for n in (-1, -2):
        try:
            check(n)
        except ValueError as error:
            errors.append(error)
    raise ExceptionGroup("several", errors)  # @group_raise


def many():
    try:
        groups()  # @groups
    except* ValueError as caught:  # @except_star
        log.append(len(caught.exceptions))  # @caught


a = catches(1)  # @main
b = catches(-1)  # @second
c = guarded(-3)  # @third
many()  # @many
for letter in iter("ab"):  # @implicit
    log.append(letter)  # @letter
try:
    chained()  # @chained
except Refused as refused:  # @refused
    log.append(repr(refused.__cause__))  # @cause
print(a, b, c, log)  # @last
if "uncaught" in sys.argv:
    chained()  # @uncaught
