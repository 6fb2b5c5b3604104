"""What each role looks like: escape sequences for 16, 256 or 16 million colours, from a pygments style or our own.

The theme `default` uses the terminal's own 16 colours, few of them, so that it is readable on dark and on light.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from pygments.styles import get_all_styles, get_style_by_name
from pygments.token import STANDARD_TYPES, Token, string_to_tokentype
from pygments.util import ClassNotFound

from lowdb.repl.plain import MARKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from lowdb.terminal.width import Span

RESET = "\x1b[0m"
NONE, ANSI, INDEXED, TRUE = 0, 4, 8, 24
"""How a terminal is told its colours: not at all, 16 names, 256 numbers, red-green-blue."""

DEFAULT = {
    "Token.Keyword": "35",
    "Token.Keyword.Constant": "36",
    "Token.Operator.Word": "35",
    "Token.Name.Decorator": "35",
    "Token.Name.Function": "1",
    "Token.Name.Class": "1",
    "Token.Literal.String": "32",
    "Token.Literal.String.Interpol": "",
    "Token.Literal.Number": "36",
    "Token.Comment": "2",
    "Token.Error": "",
}
"""Source in the theme `default`: role to SGR codes; what is not here looks like the token above it."""

ROLES = {
    "dim": "2",
    "bold": "1",
    "reason": "1",
    "failure": "1;31",
    "error": "31",
    "place": "",
    "text": "",
    "current": "7",
    "changed": "1",
    "was": "2",
    "caret": "1;31",
    "heading": "1",
    "code": "36",
    "mark.enabled": "31",
    "mark.disabled": "2",
    "mark.trap": "35",
    "mark.log": "36",
    "mark.watch": "36",
    "hostile": "7",
}
"""What is not source: the same in every theme."""


MARK_ROLES = {sign: f"mark.{kind}" for kind, sign in (MARKS | {"watch": "◎"}).items()}
"""The role of the mark that a breakpoint's line begins with."""


class UnknownTheme(ValueError):
    """There is no theme of that name; the text names the nearest ones."""


class Theme:
    """The looks of one theme at one colour depth."""

    def __init__(self, name: str = "default", depth: int = ANSI) -> None:
        """Raises UnknownTheme."""
        self.name = name
        self.depth = depth
        self._style: Any = None if name == "default" else _style(name)
        self._known: dict[str, str] = {}

    def sequence(self, role: str) -> str:
        """The escape sequence that begins text of the role, or "" where it looks like any other."""
        found = self._known.get(role)
        if found is None:
            found = self._known[role] = self._made(role)
        return found

    def paint(self, spans: Iterable[Span]) -> str:
        """The line with its escape sequences."""
        text = ""
        before = ""
        for role, piece in spans:
            if not piece:
                continue
            now = self.sequence(role)
            if now != before:
                text += (RESET if before else "") + now
                before = now
            text += piece
        return text + RESET if before else text

    def _made(self, role: str) -> str:
        if self.depth == NONE or not role:
            return ""
        if not role.startswith("Token"):
            codes = ROLES.get(role, "")
        elif self._style is None:
            codes = _inherited(role)
        else:
            codes = _codes(self._style.style_for_token(string_to_tokentype(role[6:])), self.depth)
        return f"\x1b[{codes}m" if codes else ""


def names() -> list[str]:
    """The themes that there are."""
    return ["default", *sorted(set(get_all_styles()) - {"default"})]


def check(name: str) -> None:
    """Raises UnknownTheme where there is none of that name."""
    if name != "default":
        _style(name)


def depth_of(environment: Mapping[str, str]) -> int:
    """How many colours the terminal of this environment shows."""
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return TRUE
    term = environment.get("TERM", "")
    if term.endswith("-direct"):
        return TRUE
    return INDEXED if "256color" in term else ANSI


def _style(name: str) -> Any:
    try:
        return get_style_by_name(name)
    except ClassNotFound:
        near = get_close_matches(name, names(), 3, 0.5)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"such as {', '.join(names()[:6])} …"
        raise UnknownTheme(f"no theme {name!r} ({hint})") from None


def _inherited(role: str) -> str:
    while role not in DEFAULT and "." in role:
        role = role.rpartition(".")[0]
    return DEFAULT.get(role, "")


def _codes(style: Mapping[str, Any], depth: int) -> str:
    """The SGR codes of a pygments style; its backgrounds are left out: the terminal has one."""
    codes = [code for name, code in (("bold", "1"), ("italic", "3"), ("underline", "4")) if style[name]]
    if style["color"]:
        codes.append(_colour(style["color"], depth))
    return ";".join(codes)


_ANSI_RGB = [(0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205)]
_ANSI_RGB += [(229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255)]
_ANSI_RGB += [(255, 0, 255), (0, 255, 255), (255, 255, 255)]
_STEPS = (0, 95, 135, 175, 215, 255)
_CUBE = [(r, g, b) for r in _STEPS for g in _STEPS for b in _STEPS]
_GREYS = [(8 + 10 * i,) * 3 for i in range(24)]


@lru_cache(maxsize=1024)
def _colour(hexadecimal: str, depth: int) -> str:
    red, green, blue = (int(hexadecimal[i : i + 2], 16) for i in (0, 2, 4))
    if depth == TRUE:
        return f"38;2;{red};{green};{blue}"
    table = _ANSI_RGB if depth == ANSI else [*_CUBE, *_GREYS]
    nearest = min(
        range(len(table)),
        key=lambda i: (table[i][0] - red) ** 2 + (table[i][1] - green) ** 2 + (table[i][2] - blue) ** 2,
    )
    if depth == INDEXED:
        return f"38;5;{nearest + 16}"
    return str(30 + nearest if nearest < 8 else 82 + nearest)


TOKENS = {token: str(token) for token in [*STANDARD_TYPES, Token]}
"""The role of a pygments token."""
