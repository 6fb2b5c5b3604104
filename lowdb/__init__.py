"""lowdb, a breakpoint debugger that costs nothing until it stops.

`lowdb script.py` runs a program under it; `lowdb.set_trace()` stops one that runs (PYTHONBREAKPOINT=lowdb.set_trace).
pytest lets our assert statements be: PYTEST_DONT_REWRITE
"""

__version__ = "0.1.0"

__all__ = ["__version__", "pm", "post_mortem", "run", "set_trace"]

TYPE_CHECKING = False  # importing lowdb costs next to nothing: not even `typing`
if TYPE_CHECKING:
    from lowdb.hooks import pm, post_mortem, run, set_trace


def __getattr__(name: str) -> object:
    if name in __all__:
        from lowdb.program.imports import standard

        with standard("lowdb.hooks"):
            from lowdb import hooks

        return getattr(hooks, name)
    raise AttributeError(f"module 'lowdb' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
