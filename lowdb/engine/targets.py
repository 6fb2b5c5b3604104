"""Finds a program and runs it as the bare interpreter would: a script, `-m module`, a directory or zip file.

What the bare interpreter does is Modules/main.c, Python/pythonrun.c and Lib/runpy.py of CPython; the tests run each
program both ways. Chooses no front end; leaves stdin, handlers and the terminal alone.
"""

from __future__ import annotations

import builtins
import os
import sys
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader, SourcelessFileLoader
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final, Literal

from lowdb.capabilities import INTERPRETER
from lowdb.program.imports import standard
from lowdb.program.sources import register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    type Kind = Literal["script", "module", "container", "code"]


class CannotRun(Exception):
    """There is no such program; the text is one line, `status` what the bare interpreter would exit with."""

    def __init__(self, text: str, status: int = 2) -> None:
        super().__init__(text)
        self.status: Final = status


class NotPython(Exception):
    """The script does not compile; the cause is what `compile` raised. The bare interpreter shows it best."""


class Program:
    """A program that was found, and its `__main__` once it is prepared."""

    __slots__ = ("_sourceless", "arguments", "code", "filename", "former", "kind", "main", "name")

    def __init__(self, kind: Kind, name: str, arguments: Iterable[str]) -> None:
        self.kind: Final = kind
        self.name: Final = name
        """The script, directory or zip file as it was given, the module's dotted name, or `-c`."""
        self.arguments: Final = list(arguments)
        self.filename: Final = "" if kind in ("module", "code") else _absolute(name)
        self.code: CodeType | None = None
        """The script's code once it is compiled; modules are compiled when they are found."""
        self._sourceless = False
        self.main = ModuleType("__main__")
        # The old __main__ is lowdb's own and on the stack: it must not lose its globals.
        self.former = sys.modules.get("__main__")

    def compile(self) -> None:
        """Compile a script; its warnings are shown now. Raises CannotRun, NotPython."""
        if self.kind != "script":
            return
        try:
            with open(self.filename, "rb") as file:
                data = file.read()
        except OSError as error:
            raise CannotRun(f"can't open file {self.filename!r}: [Errno {error.errno}] {error.strerror}") from None
        # What compiling warns of is shown once: by us, or by the interpreter that shows what is wrong with the file.
        said = _Kept(sys.stderr)
        sys.stderr = said
        try:
            self._sourceless = self.filename.endswith(".pyc") or data[:2] == MAGIC_NUMBER[:2]
            if self._sourceless:
                self.code = _load(data)
            else:
                self.code = _compile(data, self.filename)
        except Exception as error:
            raise NotPython(self.filename) from error
        finally:
            sys.stderr = said.stream
        for text in said.texts:
            said.stream.write(text)

    def prepare(self, bare: frozenset[str] | None = None) -> None:
        """Make the process look as it does before the program's first line: sys.argv, sys.path, `__main__`.

        Nothing of the program runs. The caller has taken what the interpreter put at `sys.path[0]` for lowdb off.
        `bare` names the modules that were loaded before lowdb's: of the others the program gets its own where it has
        one of that name (a queue.py beside the script), as it would bare.
        """
        sys.argv[:] = ["-m" if self.kind == "module" else self.name, *self.arguments]
        if self.kind == "container":
            sys.path.insert(0, self.filename)
        elif not sys.flags.safe_path:
            self._insert_path()
        if bare is not None and sys.path:
            _forget_shadowed(sys.path[0], bare)
        self._fill_main()
        sys.modules["__main__"] = self.main

    def _insert_path(self) -> None:
        if self.kind == "script":
            sys.path.insert(0, os.path.dirname(os.path.realpath(self.filename)))
            return
        if self.kind == "code":
            sys.path.insert(0, "")
            return
        try:
            sys.path.insert(0, os.getcwd())
        except OSError:
            pass  # the directory is gone: bare, nothing is put there either

    def _fill_main(self) -> None:
        # In the order in which the interpreter does it: a program may print vars().
        namespace = self.main.__dict__
        namespace["__loader__"] = sys.__loader__
        if INTERPRETER.main_has_annotations:
            namespace["__annotations__"] = {}
        namespace["__builtins__"] = builtins
        if self.kind == "script":
            namespace["__file__"] = self.filename
            if INTERPRETER.main_has_cached:
                namespace["__cached__"] = None
            loader = SourcelessFileLoader if self._sourceless else SourceFileLoader
            namespace["__loader__"] = loader("__main__", self.filename)

    def execute(self, starting: Callable[[CodeType], None]) -> None:
        """Run the program; `starting` gets its module code just before that runs. Raises what the program raises.

        `-m` imports the packages above the module before that, as bare. A module that is not there is SystemExit.
        """
        if self.code is not None:
            starting(self.code)
            exec(self.code, self.main.__dict__)
            return
        import runpy  # start-up: only where it is needed

        def found(details: Callable[..., tuple[str, object, CodeType]]) -> Callable[..., tuple[str, object, CodeType]]:
            def look(*arguments: Any) -> tuple[str, object, CodeType]:
                result = details(*arguments)
                starting(result[2])
                return result

            return look

        # runpy's own function, so that tracebacks show the two frames of runpy that they show bare; its globals are a
        # copy in which the two functions that find the code are ours.
        runner: Any = runpy._run_module_as_main  # type: ignore[attr-defined]
        names = dict(vars(runpy))
        for name in ("_get_module_details", "_get_main_module_details"):
            names[name] = found(names[name])
        module = self.kind == "module"
        FunctionType(runner.__code__, names)(self.name if module else "__main__", module)

    def finished(self) -> None:
        """What the interpreter does with a script's `__main__` once it ran to its end or died of an exception."""
        if self.kind == "script":
            self.main.__dict__.pop("__file__", None)
            self.main.__dict__.pop("__cached__", None)


def find(name: str, arguments: Iterable[str] = (), *, module: bool = False) -> Program:
    """The program that `python name` (or `python -m name`) would run. Raises CannotRun."""
    if module:
        return Program("module", name, arguments)
    if name == "-":
        raise CannotRun("cannot debug a program that is read from stdin: put it in a file")
    return Program("container" if _is_container(_absolute(name)) else "script", name, arguments)


def find_code(text: str, arguments: Iterable[str] = ()) -> Program:
    """The program that `python -c TEXT` would run, compiled. Raises SyntaxError, ValueError."""
    program = Program("code", "-c", arguments)
    program.code = compile(text, "<string>", "exec", dont_inherit=True)
    register("<string>", text)
    return program


def _absolute(path: str) -> str:
    # as _Py_abspath: `..` stays, since 3.9 `__file__` of `__main__` shows it (bpo-20443)
    if path.startswith("/") or INTERPRETER.windows:
        return os.path.abspath(path) if INTERPRETER.windows else path
    try:
        directory = os.getcwd()
    except OSError:
        return path
    if path in ("", "."):
        return directory
    return f"{directory}/{path}"


def _is_container(path: str) -> bool:
    """Whether a path hook takes it: a directory, a zip file. Fills the cache of importers as the interpreter does."""
    cache: dict[str, Any] = sys.path_importer_cache
    if path not in cache:
        cache[path] = None
        for hook in sys.path_hooks:
            try:
                cache[path] = hook(path)
                break
            except ImportError:
                continue
    return cache[path] is not None


def _forget_shadowed(directory: str, bare: frozenset[str]) -> None:
    """Of modules that lowdb has loaded, forget those of which the program would import another from `directory`."""
    try:
        names = {name.partition(".")[0] for name in os.listdir(directory)}
    except OSError:
        return
    for name in names & sys.modules.keys() - bare - {"lowdb", "__main__"}:
        theirs = _find_spec(name)
        ours = getattr(sys.modules[name], "__spec__", None)
        if theirs is None or ours is None or theirs.origin == ours.origin:
            continue  # a directory of data, or the script lies in the standard library itself
        for loaded in list(sys.modules):
            if loaded == name or loaded.startswith(name + "."):
                del sys.modules[loaded]


def _find_spec(name: str) -> Any:
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(name, None)
        except Exception:  # a finder of sitecustomize's
            continue
        if spec is not None:
            return spec
    return None


def _compile(data: bytes, filename: str) -> CodeType:
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError:
            # `compile` passes over bytes in comments that are not in the source's encoding, the interpreter does not
            with standard("tokenize"):
                from tokenize import detect_encoding  # start-up

            encoding, _ = detect_encoding(iter(data.splitlines(keepends=True)).__next__)
            data.decode(encoding)
    code: CodeType = compile(data, filename, "exec", dont_inherit=True)
    return code


def _load(data: bytes) -> CodeType:
    import marshal  # start-up

    if data[: len(MAGIC_NUMBER)] != MAGIC_NUMBER:
        raise RuntimeError("Bad magic number in .pyc file")
    code = marshal.loads(data[16:])
    if type(code) is not CodeType:
        raise RuntimeError("Bad code object in .pyc file")
    return code


class _Kept:
    """Stands in for sys.stderr and keeps what is written."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.texts: list[str] = []

    def write(self, text: str) -> int:
        self.texts.append(text)
        return len(text)

    def flush(self) -> None:
        pass
