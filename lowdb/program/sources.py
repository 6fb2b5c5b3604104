"""Source text of a file, a zip member, a cell or a `<string>`: what its lines are and which of them can be stopped at.

Never imports or runs what it reads; what cannot be read has a reason instead.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

from lowdb.program.blocks import block_at
from lowdb.program.codes import first_line, nested, stoppable_lines
from lowdb.program.compiling import compile_quietly
from lowdb.program.imports import standard
from lowdb.program.paths import canonical, file_of, is_real

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType
    from typing import Any

    from lowdb.program.blocks import Definition

_open = io.open
_stat = os.stat

_BIGGEST = 50_000_000  # bytes; what is bigger was not written by a person

_UNKNOWN: Any = object()


class Source:
    """The text of one file."""

    __slots__ = (
        "_code",
        "_names",
        "_stoppable",
        "definitions",
        "error",
        "filename",
        "lines",
        "problem",
        "stamp",
        "text",
    )

    def __init__(self, filename: str, text: str, problem: str | None = None, stamp: object = None) -> None:
        self.filename = filename
        """Canonical."""
        self.text = text
        """With line ends as `\\n`."""
        self.lines = text.split("\n")
        """Without their ends."""
        if self.lines and not self.lines[-1]:
            self.lines.pop()
        self.problem = problem
        """Why the text cannot be Python source, in words: `not UTF-8 …`, `contains NUL bytes`; None for sound text."""
        self.error: SyntaxError | None = None
        """Set by `compiled` where the text does not compile."""
        self.stamp = stamp
        self._code: CodeType | None = _UNKNOWN
        self._stoppable: frozenset[int] | None = None
        self._names: dict[str, tuple[int, int]] | None = None
        self.definitions: list[Definition] | None = None
        """Its functions and classes, for `blocks`; None before they are wanted."""

    def __repr__(self) -> str:
        return f"<Source {self.filename} {len(self.lines)} lines>"

    def line(self, number: int) -> str:
        """Return one line (1-based), empty where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def compiled(self) -> CodeType | None:
        """Return the module's code, never run; None where it does not compile (`error`, `problem` say why)."""
        if self._code is _UNKNOWN:
            code = None
            if self.problem is None:
                try:
                    code = compile_quietly(self.text, self.filename, "exec")
                except SyntaxError as error:
                    self.error = error
                except ValueError as error:  # a NUL, a surrogate
                    self.problem = str(error)
            self._code = code  # not before: another thread may ask meanwhile
        return self._code

    def statement_lines(self) -> frozenset[int]:
        """Return the lines that can be stopped at in any code of the file."""
        if self._stoppable is None:
            code = self.compiled()
            codes = nested(code) if code is not None else ()
            found = (stoppable_lines(one) for one in codes if not self._only_annotates(one))
            self._stoppable = frozenset().union(*found)
        return self._stoppable

    def _only_annotates(self, code: CodeType) -> bool:
        # The compiler's own `__annotate__` runs when someone asks for annotations (PEP 649), as a rule never. A person
        # may write one as well.
        return code.co_name == "__annotate__" and "def __annotate__" not in self.line(code.co_firstlineno)

    def qualnames(self) -> dict[str, tuple[int, int]]:
        """Return the functions of the file: qualified name to (line where the definition begins, first line with code).

        Where a name is defined twice, the last one: it is what the name means when the module has run.
        """
        if self._names is None:
            code = self.compiled()
            self._names = {}
            found = (
                [one for one in nested(code) if one.co_flags & 0x01] if code is not None else []
            )  # inspect.CO_OPTIMIZED
            for one in sorted(found, key=lambda one: one.co_firstlineno):
                line = first_line(one)
                if line is not None and not one.co_name.startswith("<"):
                    self._names[one.co_qualname] = (one.co_firstlineno, line)
        return self._names


_cache: dict[str, Source | None] = {}
_registered: dict[str, Source] = {}


def source(filename: str, module_globals: Mapping[str, Any] | None = None) -> Source | None:
    """Return the source of a file as it is now (size and time are checked), None where there is none to be had.

    `module_globals` helps where the text comes from a loader: zip files, import hooks.
    """
    path = file_of(filename)
    stamp = _stamp(path)
    known = _cache.get(path, _UNKNOWN)
    if known is not _UNKNOWN and known is not None and known.stamp == stamp and stamp is not None:
        return known  # type: ignore[no-any-return]
    if stamp is not None:
        found = _read(path, stamp)
    else:
        found = _registered.get(filename) or _registered.get(path) or _from_linecache(filename, path)
        if found is None:
            found = known if known not in (_UNKNOWN, None) else _from_loader(path, module_globals)
        elif known not in (_UNKNOWN, None) and known.text == found.text:
            found = known
    _cache[path] = found
    return found


def register(filename: str, text: str) -> None:
    """Make the text known for code without a file that lowdb itself compiles."""
    _registered[canonical(filename)] = Source(canonical(filename), _newlines(text))


def qualnames(source: Source) -> dict[str, tuple[int, int]]:
    """Return `source.qualnames()`."""
    return source.qualnames()


def statement_lines(source: Source) -> frozenset[int]:
    """Return `source.statement_lines()`."""
    return source.statement_lines()


def resolve_line(source: Source, line: int) -> tuple[int | None, str]:
    """Return where a breakpoint asked for at `line` stops, and words on what was wrong with the line.

    The line itself and no words; or the next line of the same function, class or module body that can be stopped at
    and `line 58 has no code`; or None and why there is none.
    """
    count = len(source.lines)
    if line < 1:
        return None, "lines count from 1"
    if line > count:
        return None, f"the file has {count} line{'s' if count != 1 else ''}"
    if source.compiled() is None:
        return None, source.problem or _syntax(source.error)
    if line in source.statement_lines():
        return line, ""
    block = block_at(source, line)
    after = min((one for one in block.lines if one > line), default=None)
    if after is not None:
        return after, f"line {line} has no code"
    return None, f"no code from line {line} to the end of {block.name}"


def _syntax(error: SyntaxError | None) -> str:
    if error is None:
        return "it does not compile"
    return f"it does not compile: {type(error).__name__}: {error.msg} (line {error.lineno})"


def _stamp(path: str) -> object:
    if not is_real(path):
        return None
    try:
        found = _stat(path)
    except (OSError, ValueError):
        return None
    if found.st_mode & 0o170000 != 0o100000:  # S_IFMT, S_IFREG: a fifo would block, a directory has no text
        return None
    return found.st_size, found.st_mtime_ns


def _read(path: str, stamp: object) -> Source | None:
    try:
        with _open(path, "rb") as file:
            data = file.read(_BIGGEST + 1)
    except (OSError, ValueError):
        return None
    if len(data) > _BIGGEST:
        return Source(path, "", f"longer than {_BIGGEST:,} bytes", stamp)
    text, problem = _decode(data)
    return Source(path, text, problem, stamp)


def _decode(data: bytes) -> tuple[str, str | None]:
    """Return the text of a source file by its mark or coding cookie (PEP 263), and what is wrong with it."""
    encoding = "utf-8"
    begin = data.split(b"\n", 2)[:2]
    problem = None
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    elif any(b"coding" in line for line in begin):
        with standard("tokenize"):
            from tokenize import detect_encoding  # start-up: needs `re`; most files have no cookie

        try:
            encoding, _ = detect_encoding(io.BytesIO(data).readline)
        except SyntaxError as error:
            problem = str(error)
    if b"\0" in data:
        problem = problem or "contains NUL bytes"
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        text = data.decode("utf-8", "backslashreplace")
        if problem is None:
            problem = _not_decoded(data, encoding, error)
    return _newlines(text), problem


def _not_decoded(data: bytes, encoding: str, error: Exception) -> str:
    name = "UTF-8" if encoding == "utf-8" else encoding
    if type(error) is not UnicodeDecodeError:
        return f"not {name}: {error}"
    line = data.count(b"\n", 0, error.start) + 1
    return f"not {name}: byte {data[error.start]:#04x} on line {line}"


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _from_linecache(filename: str, path: str) -> Source | None:
    """Take what IPython, doctest, attrs and the interactive interpreter leave in linecache for code without a file."""
    linecache = sys.modules.get("linecache")
    cache = getattr(linecache, "cache", None)
    entry = cache.get(filename) if type(cache) is dict else None
    if type(entry) is not tuple:
        return None
    try:
        if len(entry) == 1:  # not loaded yet: a call of the loader's get_source
            text = entry[0]()
            return Source(path, _newlines(text)) if type(text) is str else None
        return Source(path, _newlines("".join(entry[2])))
    except Exception:
        return None


def _from_loader(path: str, module_globals: Mapping[str, Any] | None) -> Source | None:
    namespace = module_globals
    if namespace is None:
        namespace = _globals_of(path)
        if namespace is None:
            return None
    try:
        spec = namespace.get("__spec__")
        loader = getattr(spec, "loader", None) or namespace.get("__loader__")
        name = getattr(spec, "name", None) or namespace.get("__name__")
        if namespace.get("__file__") is not None and canonical(namespace["__file__"]) != path:
            return None
        text = loader.get_source(name)  # type: ignore[union-attr]
    except Exception:  # the program's own loader may do anything
        return None
    return Source(path, _newlines(text)) if type(text) is str else None


def _globals_of(path: str) -> Mapping[str, Any] | None:
    if not is_real(path):
        return None
    for module in list(sys.modules.values()):
        namespace = module.__dict__ if type(module) is type(sys) else None
        filename = namespace.get("__file__") if namespace is not None else None
        if type(filename) is str and canonical(filename) == path:
            return namespace
    return None
