"""Makes the pictures of docs/images: runs lowdb in a terminal as docs/screens.toml says, and draws what is to be seen.

    python -m docs.screens              all pictures
    python -m docs.screens NAME…        those of the scenes with these names
    python -m docs.screens --check      fails where the text of a picture is not what lowdb shows now

Run it at the root of the repository. The same screens make the same bytes.
"""

from __future__ import annotations

import re
import shlex
import sys
import tomllib
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from tests.terminal.screen import Screen
from tests.test_docs import blocks

HERE = Path(__file__).resolve().parent
IMAGES = HERE / "images"
SCENES = HERE / "screens.toml"
DEADLINE = 30.0

# --- what is shown --------------------------------------------------------------------------------

COLOURS = {
    "black": "#2a2d36",
    "red": "#f0717a",
    "green": "#9bcf7f",
    "brown": "#e3b778",
    "blue": "#7ab0f5",
    "magenta": "#cf9bf0",
    "cyan": "#6fcbd6",
    "white": "#d5d8e0",
    "brightblack": "#7d8394",
    "brightred": "#f58b93",
    "brightgreen": "#b1e097",
    "brightbrown": "#efcd98",
    "brightblue": "#99c3fa",
    "brightmagenta": "#deb7f7",
    "brightcyan": "#93dfe8",
    "brightwhite": "#f4f5f8",
}
PAPER, INK, BAR, EDGE = "#1d2027", "#d5d8e0", "#2a2e38", "#0d0f13"
BUTTONS = ("#f0717a", "#e3b778", "#9bcf7f")
CELL, ROW, SIZE = 8.4, 18, 14  # pixels: width of a cell, height of a row, size of the letters
LEFT, TOP, BOTTOM = 14, 40, 14
FONTS = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"

# What differs between two runs: pattern -> what stands there in the pictures.
ALIKE = {
    r"pid \d+": "pid 7604",
    r"Python 3\.\d+\.\d+\S*": "Python 3.15.2",
    r"0x[0-9a-f]{6,}": "0x7f3a10c0",
}


class Look(NamedTuple):
    """How a run of cells looks."""

    ink: str
    paper: str
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underlined: bool = False


class Shot(NamedTuple):
    """A screen to be drawn: rows of (character, look), the cursor's cell, the window's title."""

    name: str
    rows: list[list[tuple[str, Look]]]
    cursor: tuple[int, int] | None
    title: str

    @property
    def text(self) -> str:
        """What is written on it."""
        return "\n".join("".join(char for char, _ in row).rstrip() for row in self.rows).rstrip("\n")


def colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return COLOURS.get(name) or f"#{name}"


def look(cell: Any) -> Look:
    ink, paper = colour(cell.fg, INK), colour(cell.bg, PAPER)
    if cell.reverse:
        ink, paper = paper, ink
    return Look(ink, paper, cell.bold, cell.blink, cell.italics, cell.underscore)


def shot(screen: Screen, name: str, title: str, alike: dict[str, str], cursor: bool) -> Shot:
    """What the screen shows now, with everything that differs from run to run made the same."""
    rows = [alike_row([(cell.data, look(cell)) for cell in row], alike) for row in screen.cells]
    while len(rows) > 1 and all(char == " " and style.paper == PAPER for char, style in rows[-1]):
        rows.pop()
    return Shot(name, rows, screen.cursor if cursor and not screen.cursor_hidden else None, title)


def alike_row(row: list[tuple[str, Look]], alike: dict[str, str]) -> list[tuple[str, Look]]:
    width = len(row)
    for pattern, standing in alike.items():
        text = "".join(char or "\0" for char, _ in row)
        for match in reversed(list(re.finditer(pattern, text))):
            style = row[match.start()][1]
            row[match.start() : match.end()] = [(char, style) for char in match.expand(standing)]
    row += [(" ", Look(INK, PAPER))] * (width - len(row))
    return row[:width]


def svg(shown: Shot) -> str:
    """The picture."""
    columns = len(shown.rows[0])
    width, height = round(2 * LEFT + columns * CELL), TOP + BOTTOM + ROW * len(shown.rows)
    title = escape(shown.title, {'"': "&quot;"})
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{title}">\n<title>{title}</title>'
    )
    style = (
        f"<style>text{{font:{SIZE}px {FONTS};white-space:pre}}.b{{font-weight:700}}.i{{font-style:italic}}"
        ".u{text-decoration:underline}.d{opacity:.6}</style>"
    )
    name = f'<text x="{width / 2:g}" y="19" text-anchor="middle" fill="#9aa0ae" style="font-size:12px">{title}</text>'
    parts = [
        head,
        style,
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="9" fill="{PAPER}" stroke="{EDGE}"/>',
        f'<path d="M.5 28V9.5a9 9 0 0 1 9-9h{width - 19}a9 9 0 0 1 9 9V28z" fill="{BAR}"/>',
        *(f'<circle cx="{18 + 18 * i}" cy="14.5" r="5.5" fill="{fill}"/>' for i, fill in enumerate(BUTTONS)),
        name,
    ]
    for y, row in enumerate(shown.rows):
        parts += _row(row, TOP + ROW * y)
    if shown.cursor is not None:
        y, x = shown.cursor
        parts.append(
            f'<rect x="{LEFT + CELL * x:g}" y="{TOP + ROW * y}" width="{CELL:g}" height="{ROW}" fill="{INK}" '
            'opacity=".55"/>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _row(row: list[tuple[str, Look]], top: int) -> list[str]:
    papers, words = [], []
    x = 0
    for style, cells in groupby(row, lambda cell: cell[1]):
        text = [char for char, _ in cells]
        start, x = x, x + len(text)
        if style.paper != PAPER:
            papers.append(
                f'<rect x="{LEFT + CELL * start:g}" y="{top}" width="{CELL * len(text):g}" height="{ROW}" '
                f'fill="{style.paper}"/>'
            )
        words += _words(text, start, top, style)
    return papers + words


def _words(text: list[str], start: int, top: int, style: Look) -> list[str]:
    """Each word where its first cell is: a font of another width moves none of them."""
    names = "".join(
        name for name, on in zip("bdiu", (style.bold, style.dim, style.italic, style.underlined), strict=True) if on
    )
    kind = f' class="{" ".join(names)}"' if names else ""
    words = []
    index = 0
    while index < len(text):
        if text[index] in ("", " "):
            index += 1
            continue
        end = index + 1
        wide = text[end : end + 1] == [""]
        while end < len(text) and not (text[end] == " " and text[end + 1 : end + 2] in ([" "], [])):
            if text[end] and (text[end + 1 : end + 2] == [""]) != wide:
                break
            end += 1
        word = "".join(text[index:end])
        words.append(
            f'<text x="{LEFT + CELL * (start + index):g}" y="{top + 13}" fill="{style.ink}"{kind} '
            f'textLength="{CELL * (end - index):g}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">'
            f"{escape(word)}</text>"
        )
        index = end
    return words


# --- running a scene ------------------------------------------------------------------------------


def scenes() -> dict[str, dict[str, Any]]:
    """The scenes of screens.toml by name."""
    found: dict[str, dict[str, Any]] = tomllib.loads(SCENES.read_text(encoding="utf-8"))
    return found


def play(name: str, scene: dict[str, Any]) -> list[Shot]:
    """Run a scene; what it shot."""
    command = scene["command"]
    words = shlex.split(command)
    if words[0] == "lowdb":
        words[:1] = [sys.executable, "-m", "lowdb"]
    elif words[0] == "python":
        words[0] = sys.executable
    if "page" in scene:
        with TemporaryDirectory() as directory:
            return _played(name, scene, words, write_files(scene["page"], Path(directory)))
    return _played(name, scene, words, HERE.parent / scene.get("cwd", "docs/examples"))


def write_files(page: str, directory: Path) -> Path:
    """The files that a page shows, in a directory for them."""
    for block in blocks(HERE / page):
        if len(block.info) > 1 and block.info[0] != "console":
            (directory / block.info[1]).write_text("\n".join(block.lines) + "\n", encoding="utf-8")
    return directory


def _played(name: str, scene: dict[str, Any], words: list[str], cwd: Path) -> list[Shot]:
    command = scene["command"]
    typed = f"printf '%s\\n' {shlex.quote(f'$ {command}')}; exec " if scene.get("command_shown", True) else "exec "
    shots = []
    with Screen(
        "-c",
        typed + shlex.join(words),
        command="sh",
        cwd=cwd,
        env={"COLORTERM": "truecolor", "LOWDB_TOOLBAR": str(scene.get("toolbar", False)), **scene.get("env", {})},
        columns=scene.get("columns", 92),
        rows=scene.get("rows", 24),
        deadline=DEADLINE,
    ) as screen:
        alike = ALIKE | scene.get("alike", {})
        for step in scene["steps"]:
            verb, _, rest = step.partition(" ")
            match verb:
                case "type":
                    screen.type(rest)
                case "enter":
                    screen.enter(rest)
                case "press":
                    screen.press(*rest.split())
                case "wait":
                    screen.see(rest)
                case "prompt":
                    screen.prompt(rest)
                case "command":
                    line, _, prompt = rest.partition(" => ")
                    screen.command(line, prompt)
                case "settle":
                    screen.settle(float(rest or 0.3))
                case "clear":
                    screen.press("c-l")
                    screen.settle(0.3)
                case "shoot":
                    screen.settle(0.2)
                    title = scene.get("title", command)
                    shots.append(shot(screen, rest or name, title, alike, scene.get("cursor", True)))
                case _:
                    raise ValueError(f"{name}: no step {verb!r} (type, enter, press, wait, prompt, command, shoot …)")
    return shots


def text_in(picture: str) -> str:
    """The words of a picture, without where they stand."""
    words = re.findall(r'<text x="([\d.]+)" y="(\d+)"[^>]*preserve">(.*?)</text>', picture)
    return "\n".join(f"{y} {x} {word}" for x, y, word in words)


def stale(name: str, scene: dict[str, Any]) -> list[str]:
    """The pictures of a scene whose text is not what lowdb shows now."""
    found = []
    for shown in play(name, scene):
        file = IMAGES / f"{shown.name}.svg"
        if not file.exists() or text_in(file.read_text(encoding="utf-8")) != text_in(svg(shown)):
            found.append(f"{file.name} does not show what lowdb shows now:\n{shown.text}")
    return found


def main(arguments: list[str]) -> int:
    """Make or check the pictures; the exit status."""
    check = "--check" in arguments
    wanted = [name for name in arguments if not name.startswith("-")]
    known = scenes()
    for name in wanted:
        if name not in known:
            print(f"no scene {name!r} in {SCENES.name} (there are: {', '.join(known)})")
            return 2
    IMAGES.mkdir(exist_ok=True)
    status = 0
    for name in wanted or known:
        if check:
            faults = stale(name, known[name])
            print("\n".join([f"{name}: {'stale' if faults else 'as it is'}", *faults]))
            status = status or bool(faults)
            continue
        for shown in play(name, known[name]):
            (IMAGES / f"{shown.name}.svg").write_text(svg(shown), encoding="utf-8")
            print(f"docs/images/{shown.name}.svg")
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
