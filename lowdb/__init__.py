"""lowdb, a breakpoint debugger that costs nothing until it stops.

`lowdb script.py` runs a program under it; `lowdb.set_trace()` stops one that runs (PYTHONBREAKPOINT=lowdb.set_trace).
pytest lets our assert statements be: PYTEST_DONT_REWRITE
"""

import sys

__version__ = "0.1.0"

__all__ = ["__version__", "listen", "pm", "post_mortem", "run", "set_trace"]

TYPE_CHECKING = False  # importing lowdb costs next to nothing: not even `typing`
if TYPE_CHECKING:
    from lowdb.hooks import pm, post_mortem, run, set_trace
    from lowdb.listening import listen


def __getattr__(name: str) -> object:
    if name in __all__:
        from lowdb.program.imports import standard

        module = "lowdb.listening" if name == "listen" else "lowdb.hooks"
        with standard(module):
            __import__(module)
        return getattr(sys.modules[module], name)
    raise AttributeError(f"module 'lowdb' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
