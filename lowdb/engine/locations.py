"""From what a person or an editor writes as a place to code objects and lines, or to the reason why not.

Reads sources and the index of code objects; arms nothing and imports nothing of the program.
"""

from __future__ import annotations

import os
import re
import sys
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from lowdb.engine.records import field, record
from lowdb.program.paths import canonical, is_real, mapped, short
from lowdb.program.scopes import locals_snapshot
from lowdb.program.sources import resolve_line, source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from lowdb.engine.discovery import Discovery

_OPTIMIZED: Final = 0x1  # a function: not a class body, not a module
_NAME: Final = re.compile(r"[^\W\d]\w*(?:\.(?:[^\W\d]\w*|<\w+>))*")


class LocationError(Exception):
    """A location that names nothing; the text says what was wrong and what to do."""


@record()
class Location:
    """A place that was found: a line of a file, or functions by name."""

    filename: str | None = None
    """Canonical; None for a function whose file is not known yet."""
    line: int | None = None
    """1-based; None for functions."""
    asked: int | None = None
    """The line that was asked for, where it was moved."""
    qualname: str | None = None
    module: str | None = None
    """The module that a pending function was asked for in."""
    codes: list[CodeType] = field(default_factory=list)
    """Functions only: the code objects found so far."""
    note: str | None = None
    pattern: re.Pattern[str] | None = None
    dotted: str | None = None
    """A pending function's whole name, where it is not known yet which part of it is the module's."""


class Locator:
    """Resolves locations against the code that is there and the sources."""

    def __init__(self, index: Discovery) -> None:
        self.index = index
        self.main: str | None = None
        """The canonical file of the program, for a `LINE` typed where no frame is selected."""

    # --- lines ------------------------------------------------------------------------------------

    def line(self, filename: str, line: int) -> Location:
        """The line, or the next one of its block that can be stopped at. Raises LocationError with the reason."""
        path = canonical(filename)
        text = source(path)
        if text is None:
            lines = self.index.lines(path)
            if line in lines:
                return Location(path, line)
            if not lines:
                raise LocationError(f"there is no source for {short(path)}")
            raise LocationError(f"line {line} of {short(path)} has no code")
        if text.problem:
            raise LocationError(f"{short(path)}: {text.problem}")
        found, why = resolve_line(text, line)
        if found is None:
            raise LocationError(f"{short(path)}: {why}" if why else f"{short(path)}: no code at line {line}")
        if found == line:
            return Location(path, line)
        return Location(path, found, asked=line, note=f"{why}: breakpoint at {found}")

    # --- anything typed ---------------------------------------------------------------------------

    def locate(self, text: str, frame: FrameType | None = None, line: int | None = None) -> Location:
        """The place that `text` names, seen from `frame` at `line`. Raises LocationError."""
        text = text.strip()
        if not text or text == ".":
            if frame is None:
                raise LocationError("there is no frame to take a line from: name a FILE:LINE")
            return self.line(frame.f_code.co_filename, line or frame.f_lineno)
        if len(text) > 1 and text[0] == "/" and text[-1] == "/" and not os.path.isfile(text):
            return self._pattern(text[1:-1])
        if re.fullmatch(r"[+-]?\d+", text):
            return self._number(text, frame, line)
        head, colon, tail = text.rpartition(":")
        if colon and tail.strip().isdecimal():
            return self.line(self.file(head.strip(), frame), int(tail))
        if colon and head:
            return self.function(tail.strip(), head.strip(), frame)
        return self.function(text, None, frame)

    def _number(self, text: str, frame: FrameType | None, line: int | None) -> Location:
        number = int(text)
        if frame is None:
            if self.main is None:
                raise LocationError("there is no current file: name a FILE:LINE")
            return self.line(self.main, number)
        if text[0] in "+-":
            number += line or frame.f_lineno
        return self.line(frame.f_code.co_filename, number)

    def file(self, text: str, frame: FrameType | None) -> str:
        """The file that FILE of FILE:LINE means: a path, a path seen from the current file, a module, a loaded file."""
        if text.startswith("<") and self.index.lines(text):
            return text
        wanted = mapped(os.path.expanduser(text))
        near = [wanted]
        if frame is not None:
            near.append(os.path.join(os.path.dirname(frame.f_code.co_filename), wanted))
        if self.main is not None:
            near.append(os.path.join(os.path.dirname(self.main), wanted))
        near += [os.path.join(entry or ".", wanted) for entry in sys.path if type(entry) is str]
        for path in near:
            for name in (path, path + ".py"):
                if os.path.isfile(name):
                    return canonical(name)
        module = sys.modules.get("__main__" if _is_main(text) else text)
        place = module.__dict__.get("__file__") if type(module) is ModuleType else None
        if type(place) is str:
            return canonical(place)
        tail = os.sep + os.path.normpath(wanted)
        loaded = {path for path in self._files() if path.endswith((tail, tail + ".py"))}
        if len(loaded) == 1:
            return loaded.pop()
        if loaded:
            raise LocationError(f"{text!r} may be any of " + ", ".join(sorted(map(short, loaded))))
        raise LocationError(f"no file {text!r} here, beside the program, or among the loaded modules")

    def _files(self) -> set[str]:
        found = set()
        for module in list(sys.modules.values()):
            place = module.__dict__.get("__file__") if type(module) is ModuleType else None
            if type(place) is str:
                found.add(canonical(place))
        return found

    # --- functions --------------------------------------------------------------------------------

    def function(self, name: str, module: str | None, frame: FrameType | None) -> Location:
        """The function `name`, in `module` where one is named; pending (no codes) where it may come yet."""
        if not _NAME.fullmatch(name):
            raise LocationError(f"{name!r} is no location: LINE, +N, FILE:LINE, FUNCTION, MODULE:FUNCTION or /REGEX/")
        if module is not None:
            return self._in_module(name, module)
        if frame is not None:
            code = _code_of(_look(name, frame))
            if code is not None:
                return self._functions([code], name)
        for path in self._own_files(frame):
            text = source(path)
            if text is not None and name in text.qualnames():
                return self._in_file(name, path)
        found = [code for code in self.index.named(name) if is_real(code.co_filename)]
        if found:
            files = sorted({canonical(code.co_filename) for code in found})
            if len(files) > 1:
                places = ", ".join(map(short, files[:5]))
                raise LocationError(f"{name!r} is in more than one file ({places}): write FILE:LINE or MODULE:{name}")
            return self._functions(found, name)
        head, _, tail = name.rpartition(".")
        while head:
            if head in sys.modules:
                return self._in_module(name[len(head) + 1 :], head)
            head, _, _ = head.rpartition(".")
        head, _, tail = name.rpartition(".")
        if not head:
            raise LocationError(
                f"no function {name!r} in the program so far: MODULE:{name} waits for a module's import"
            )
        return Location(qualname=tail, module=head, note=f"waits for {_first(head)} to be imported", dotted=name)

    def _own_files(self, frame: FrameType | None) -> Iterable[str]:
        if frame is not None:
            yield canonical(frame.f_code.co_filename)
        if self.main is not None:
            yield self.main

    def _in_module(self, name: str, module: str) -> Location:
        loaded = sys.modules.get("__main__" if _is_main(module) else module)
        place = loaded.__dict__.get("__file__") if type(loaded) is ModuleType else None
        if type(place) is str and place.endswith((".py", ".pyw")):
            return self._in_file(name, canonical(place))
        if module.endswith(".py") and os.path.isfile(module):
            return self._in_file(name, canonical(module))
        if loaded is not None:
            raise LocationError(f"module {module} has no Python source")
        return Location(qualname=name, module=module, note=f"waits for {module} to be imported")

    def _in_file(self, name: str, path: str) -> Location:
        text = source(path)
        names = text.qualnames() if text is not None else {}
        found = [
            code
            for code in self.index.codes(path)
            if code.co_flags & _OPTIMIZED and _plain(code.co_qualname) == _plain(name)
        ]
        if not found and not any(_plain(known) == _plain(name) for known in names):
            classes = [known for known in names if known.startswith(name + ".")]
            if classes:
                raise LocationError(f"{name} is a class: name a function of it, such as {classes[0]}")
            raise LocationError(f"no function {name!r} in {short(path)}")
        location = self._functions(found, name)
        location.filename = path
        return location

    def _functions(self, codes: list[CodeType], name: str) -> Location:
        location = Location(qualname=codes[0].co_qualname if codes else name, codes=codes)
        if codes:
            location.filename = canonical(codes[0].co_filename)
        return location

    def _pattern(self, text: str) -> Location:
        try:
            pattern = re.compile(text)
        except re.error as error:
            raise LocationError(f"/{text}/ is no regular expression: {error}") from None
        return Location(pattern=pattern, qualname=f"/{text}/")


def modules_of(location: Location) -> list[str]:
    """The modules that the function may be in: one, or each that a dotted name may begin with, the shortest first."""
    if location.module is None:
        return []
    if location.dotted is None:
        return [location.module]
    parts = location.dotted.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def settle(location: Location, name: str, filename: str) -> bool:
    """Whether module `name` is the one of the location, which is then said in it; else it waits for a longer name."""
    if location.dotted is None:
        return True
    rest = location.dotted[len(name) + 1 :]
    text = source(filename)
    known = text.qualnames() if text is not None else {}
    if name != location.module and not any(_plain(one) == rest for one in known):
        return False
    location.module, location.qualname, location.dotted = name, rest, None
    return True


def _first(name: str) -> str:
    return name.partition(".")[0]


def _is_main(module: str) -> bool:
    """Whether the program itself is this module, started with -m: as `__main__`, it is never imported by its name."""
    main = sys.modules.get("__main__")
    spec = main.__dict__.get("__spec__") if type(main) is ModuleType else None
    name = getattr(spec, "name", None)
    return module not in sys.modules and name in (module, f"{module}.__main__")


def _plain(name: str) -> str:
    return name.replace(".<locals>", "")


def _look(name: str, frame: FrameType) -> object:
    """What a dotted name means in `frame`, found without running any of the program's code; None when unknown."""
    first, *rest = name.split(".")
    for space in (locals_snapshot(frame), frame.f_globals):
        if first in space:
            value: object = space[first]
            break
    else:
        return None
    for part in rest:
        value = _attribute(value, part)
        if value is None:
            return None
    return value


def _attribute(value: object, name: str) -> object:
    kind = type(value)
    if kind is ModuleType:
        return value.__dict__.get(name)
    classes = value.__mro__ if issubclass(kind, type) else kind.__mro__  # type: ignore[attr-defined]
    for cls in classes:
        space = type.__getattribute__(cls, "__dict__")
        if name in space:
            found: object = space[name]
            return found
    return None


def _code_of(value: Any) -> CodeType | None:
    """The code of a function, method, classmethod or property, without its decorators; None for the rest."""
    for _ in range(10):
        kind = type(value)
        if kind is FunctionType:
            wrapped = value.__dict__.get("__wrapped__")
            if wrapped is None:
                code: CodeType = value.__code__
                return code
            value = wrapped
        elif kind in (MethodType, staticmethod, classmethod):
            value = value.__func__
        elif kind is property:
            value = value.fget
        else:
            return None
    return None
