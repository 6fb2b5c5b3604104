"""Pieces of program, each of which runs through every one of its lines that can run."""

from __future__ import annotations

PRELUDE = """
def run(call, *args, **kw):
    try:
        return call(*args, **kw)
    except Exception:
        pass

def drive(coroutine):
    try:
        while True:
            coroutine.send(None)
    except BaseException:
        pass

class Async:
    def __init__(self, n=2, fails=False):
        self.n = n
        self.fails = fails
    def __await__(self):
        yield
        if self.fails:
            raise ValueError
    async def __aenter__(self): return self
    async def __aexit__(self, *exc): await Async()
    def __aiter__(self): return self
    async def __anext__(self):
        if not self.n:
            raise StopAsyncIteration
        self.n -= 1
        return self.n

class Manager:
    def __init__(self, swallow=False): self.swallow = swallow
    def __enter__(self): return self
    def __exit__(self, *exc): return self.swallow

def same(thing): return thing
def boom(*args): raise ValueError
"""

_SHAPES = r"""
#: one-line function
def f(x): return x
f(1)
#: one-line generator
def f(x): yield x; yield x
list(f(1))
#: one-line coroutine
async def f(x): return x
drive(f(1))
#: lambda
f = lambda x: x
f(1)
#: multi-line lambda
f = lambda x: (
    x,
    x + 1)
f(1)
#: body on the signature's last line
def f(
    a,
    b=2): return a + b
f(1)
#: two-line function
def f(x):
    return x
f(1)
#: docstring
def f(x):
    '''doc'''
    return x
f(1)
#: only a docstring
def f(x):
    '''doc'''
f(1)
#: multi-line docstring
def f(x):
    '''doc

    more
    '''
    return x
f(1)
#: signature over lines
def f(
    a,
    b: int = 2,
    *,
    c=(
        3
    ),
) -> int:
    return a + b + c
f(1)
f.__annotations__
#: no effect
def f():
    pass
    ...
    "text"
    1
    x: int
    global G
    return
f()
#: if 0
def f():
    if 0:
        a = 1
    b = 2
    return b
f()
#: if elif else
def f(x):
    if x == 1:
        y = 1
    elif x == 2:
        y = 2
    else:
        y = 3
    return y
f(1)
f(2)
f(3)
#: implicit return
def f(x):
    if x:
        return 1
f(0)
f(1)
#: nested if
def f(x):
    if x:
        if x > 1:
            pass
        else:
            x = 0
f(0)
f(1)
f(2)
#: for else
def f(n):
    for i in range(n):
        if i == 2:
            break
    else:
        y = 1
    return i
f(2)
f(4)
#: for continue
def f():
    for i in range(3):
        if i:
            continue
        j = i
f()
#: for over lines
def f():
    for i in [
        1,
        int(2),
    ]:
        pass
    return i
f()
#: while
def f(x):
    while x:
        x -= 1
    else:
        y = 2
    return x
f(2)
#: while True
def f(x):
    while True:
        x -= 1
        if not x:
            break
    return x
f(3)
#: while 1 return
def f(x):
    while 1:
        x -= 1
        if not x:
            return x
f(3)
#: one-line loops
def f(x):
    while x: x -= 1
    for i in (1, 2): pass
    return [i for i in (1, 2)]
f(3)
#: try except
def f(g):
    try:
        g()
    except KeyError:
        a = 1
    except ValueError as e:
        b = e
    else:
        c = 1
    finally:
        d = 1
    return d
def k(): raise KeyError
f(int)
f(k)
f(boom)
def t(): raise TypeError
run(f, t)
#: try pass
def f():
    try:
        pass
    finally:
        pass
f()
#: except star
def f(g):
    try:
        g()
    except* ValueError as e:
        a = e
    except* KeyError:
        b = 1
    return 1
def v(): raise ExceptionGroup('', [ValueError(), KeyError()])
f(v)
f(int)
def o(): raise ExceptionGroup('', [TypeError()])
run(f, o)
#: try in a loop
def f():
    for i in range(3):
        try:
            if i:
                continue
            int('x')
        except ValueError:
            continue
        finally:
            j = i
    return j
f()
#: return in finally's try
def f(x):
    try:
        return same(x)
    finally:
        y = 1
f(1)
#: nested try
def f():
    try:
        try:
            boom()
        finally:
            a = 1
    except ValueError:
        b = 1
    return b
f()
#: raise from
def f():
    try:
        boom()
    except ValueError as e:
        raise KeyError(
            'x'
        ) from e
run(f)
#: except return
def f():
    try:
        boom()
    except ValueError as e:
        return str(e)
f()
#: with
def f():
    with Manager() as a:
        x = 1
    return x
f()
#: with over lines
def f():
    with Manager() as a, \
         Manager() as b:
        x = 1
    return x
f()
#: with in brackets
def f():
    with (
        Manager() as a,
        Manager() as b,
    ):
        x = 1
    return x
f()
#: with swallows
def f(s):
    with Manager(s):
        boom()
    return 1
f(True)
run(f, False)
#: with return
def f():
    with Manager():
        return 1
f()
#: with in a loop
def f():
    for i in range(3):
        with Manager():
            if i == 1:
                continue
            if i == 2:
                break
    return i
f()
#: match
def f(v):
    match v:
        case 1:
            r = 1
        case (a, b) if a:
            r = 2
        case {'k': x, **rest}:
            r = x
        case str() | None:
            r = 4
        case _:
            r = 3
    return r
f(1)
f((1, 2))
f({'k': 1})
f(None)
f(9.5)
#: generator
def f(x):
    a = yield x
    b = yield
    return a
list(f(1))
#: generator with finally
def f(x):
    try:
        yield x
        yield 2
    finally:
        y = 1
g = f(1)
next(g)
g.close()
list(f(1))
#: generator thrown into
def f():
    while True:
        try:
            yield 1
        except ValueError:
            a = 1
g = f()
next(g)
g.throw(ValueError())
run(g.throw, KeyError())
#: generator raising StopIteration
def f():
    yield 1
    raise StopIteration
run(list, f())
#: yield from
def f():
    x = yield from [1, 2]
    return x
list(f())
#: generator expression
def f(xs):
    return sum(
        x * 2
        for x in xs
        if x
    )
f([0, 1])
#: coroutine
async def f():
    await Async()
    try:
        await Async(fails=True)
    except ValueError:
        a = 1
    return a
drive(f())
#: coroutine closed
async def f():
    try:
        await Async()
    finally:
        a = 1
g = f()
g.send(None)
g.close()
drive(f())
#: async for
async def f():
    async for i in Async():
        x = i
    else:
        y = 1
    return y
drive(f())
#: async with
async def f():
    async with Async() as a, Async() as b:
        x = 1
    return x
drive(f())
#: async with raising
async def f():
    async with Async():
        boom()

drive(f())
#: async generator
async def g():
    for i in range(2):
        yield i
async def f():
    return [i async for i in g() if i]
drive(f())
#: comprehensions over lines
def f(xs):
    a = [
        x
        for x in xs
        if x
    ]
    b = {
        x: 1
        for x in xs
    }
    return a, b
f([0, 1])
#: calls over lines
def f():
    a = max(
        1,
        len('x'),
        abs(
            -2),
    )
    return dict(
        a=1,
        b=int(2),
    )
f()
#: chain
def f():
    return ('a'
            .upper()
            .lower())
f()
#: displays
def f(x):
    a = (1 +
         2)
    d = {
        'a': 1,
        'b': x,
    }
    e = [
        x,
        x,
    ]
    return d
f(1)
#: booleans
def f(x, y):
    if (x and
        y or
        x > 1):
        return 1
    return (x
            or y)
f(1, 0)
f(0, 0)
f(1, 1)
f(2, 0)
#: ternary
def f(x):
    y = (1
         if x
         else 2)
    return y
f(0)
f(1)
#: ternary call
def f(x):
    return same(
        x
        if x
        else None
    )
f(0)
f(1)
#: f-string
def f(a):
    return f'''{a}
    {a + 1}
    '''
f(1)
#: semicolons
def f():
    a = 1; b = 2
    return a
f()
#: decorators
@same
@same
def f(
    a=1,
    b=int(2),
):
    return a
f()
#: decorated class
@same
@same
class K:
    '''doc'''
    a = 1

    @property
    def p(self):
        return self.a

    @staticmethod
    def s(): return 1
K().p
K.s()
#: class
class K(object):
    a: int = 1
    b: str
    def m(self): return self.a
    c = [b for b in 'x']
K().m()
#: one-line class
class K: a = 1
class L: pass
#: class over lines
class K(
    object,
):
    pass
#: inner functions
def f(x):
    def g(
        y=1,
    ):
        nonlocal x
        x += y
        return x
    class K:
        z = x
    return g()
f(1)
#: closure and cell
def f(a):
    b = a
    return lambda: (
        a + b
    )
f(1)()
#: imports
def f():
    import os, \
        sys
    from os import (path,
        sep)
    return sep
f()
#: assert
def f(x):
    assert x, \
        'message'
    assert (
        x > 0
    )
    return x
f(1)
run(f, 0)
run(f, -1)
#: del and subscripts
def f(d):
    d['a'] = (
        1
    )
    d['a'] += 1
    del d['a']
    x = y = 2
    del x
    return y
f({})
#: unpacking
def f(t):
    (a,
     *b) = t
    a, b = b, a
    return (
        a,
        b)
f([1, 2])
#: walrus
def f(x):
    if (y := x + 1) > 1:
        return y
    while (x := x + 1) < 2:
        pass
    return x
f(1)
f(-1)
#: type parameters
def f[T: int](x: T) -> T:
    return x
class K[T]:
    a = 1
type A = list[int]
f(1)
A.__value__
f.__annotations__
f.__type_params__[0].__bound__
#: default lambda
def f(g=lambda: 1):
    return g()
f()
#: star calls
def f(*a, **k):
    return same(
        *a,
    )
f(1)
#: comparison chain
def f(x):
    return (0
            < x
            < 3)
f(1)
f(-1)
#: global statement
def f():
    global G
    G = 1
f()
#: blank lines and comments
def f(x):

    # one

    x += 1
    # two
    return x
    # three
f(1)
#: module docstring
'''doc'''
x = 1
"""

_LONG = "".join(f"    x += {n}\n" for n in range(300))

SHAPES = {
    **{text.partition("\n")[0]: text.partition("\n")[2].rstrip("\n") for text in _SHAPES.split("#: ")[1:]},
    "long line table": f"def f(x):\n{_LONG}    return x\nf(1)",
    "long loop": f"def f(x):\n    for i in range(2):\n{_LONG.replace('    x', '        x')}    return x\nf(1)",
}
"""By name."""
