"""Generators: yield, yield from, send, throw, close, one that is dropped half-way."""

seen = []


def numbers(n):
    k = 0  # @gen
    while k < n:  # @gen_while
        yield k  # @yield
        k += 1  # @after_yield
    return "spent"  # @gen_return


def outer(n):
    result = yield from numbers(n)  # @from
    seen.append(result)  # @after_from


def echo():
    got = None  # @echo
    while True:  # @echo_while
        got = yield got  # @echo_yield
        seen.append(got)  # @echo_got


def careful():
    try:  # @careful
        yield "open"  # @careful_yield
        seen.append("never")  # @never
    finally:
        seen.append("closed")  # @finally


def consume():
    total = 0  # @consume
    for value in numbers(2):  # @loop
        total += value  # @body
    return total  # @consume_return


def two_at_once():
    first = numbers(2)  # @two
    second = numbers(2)  # @two_second
    next(first)  # @next_first
    next(second)  # @next_second
    next(first)  # @next_again
    return list(second)  # @two_return


def drop():
    stream = careful()  # @drop
    value = next(stream)  # @drop_next
    del stream  # @drop_del
    return value  # @drop_return


a = consume()  # @main
b = list(outer(2))  # @list
sender = echo()  # @sender
next(sender)  # @prime
c = sender.send("x")  # @send
sender.close()  # @close
d = two_at_once()  # @both
e = drop()  # @dropped
print(a, b, c, d, e, seen)  # @last
