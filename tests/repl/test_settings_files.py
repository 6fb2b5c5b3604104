"""config.toml and [tool.lowdb]: what they may hold, who wins, and that a project's commands need trust."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from lowdb.program.paths import canonical, map_directories, mapped
from lowdb.repl.colors import colored
from lowdb.repl.config import find_project, program_directory, read_settings
from lowdb.repl.places import Places
from lowdb.repl.settings import COMMAND_LINE, KINDS, PROMPT, SECTIONS, Settings
from lowdb.repl.trust import NoPlace, is_trusted, trust
from tests.processes import run_python
from tests.repl.talk import Talk, talk

if TYPE_CHECKING:
    from pathlib import Path


class Person:
    """A home with a config.toml, and a project."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.project = home / "project"
        (self.project / "src").mkdir(parents=True)
        self.config = home / ".config" / "lowdb" / "config.toml"
        self.environment = {"HOME": str(home)}

    def writes(self, text: str | bytes) -> Person:
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_bytes(text if type(text) is bytes else str(text).encode())
        return self

    def has(self, text: str) -> Person:
        (self.project / "pyproject.toml").write_text(text)
        return self

    def reads(self, **environment: str) -> tuple[Settings, list[str]]:
        return read_settings(self.environment | environment, str(self.project / "src"))


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


def test_without_files_everything_is_as_it_comes(person: Person) -> None:
    settings, problems = person.reads()
    assert problems == []
    assert {name: settings[name] for name in settings} == {name: kind.default for name, kind in KINDS.items()}
    assert {settings.source(name) for name in settings} == {""}


def test_the_sections_of_the_settings_are_tables_of_the_file() -> None:
    assert {kind.section for kind in KINDS.values()} == set(SECTIONS)


def test_each_table_of_the_persons_file_is_obeyed(person: Person) -> None:
    person.writes("""
        [ui]
        theme = "monokai"
        context = 0
        [print]
        depth = 9
        [mycode]
        just_my_code = false
        include = ["~/lib/*", "x"]
        exclude = ["gen"]
        [stops]
        persist_breakpoints = true
        [alias]
        pl = "p len(%1)"
        [keys]
        f10 = "n"
        [paths]
        "/build" = "~/src"
        [startup]
        commands = ["b main", "c"]
    """)
    settings, problems = person.reads()
    assert problems == []
    assert (settings["theme"], settings["context"], settings["depth"]) == ("monokai", 0, 9)
    assert (settings["just_my_code"], settings["persist_breakpoints"]) == (False, True)
    assert settings.include == [os.path.expanduser("~/lib/*"), "x"]
    assert (settings.exclude, settings.aliases, settings.keys) == (["gen"], {"pl": "p len(%1)"}, {"f10": "n"})
    assert settings.paths == {"/build": os.path.expanduser("~/src")}
    assert settings.startup == ["b main", "c"]
    assert settings.source("theme") == "~/.config/lowdb/config.toml"


def test_the_nearer_choice_wins(person: Person) -> None:
    person.writes("[print]\ndepth = 2\nitems = 2\nstring = 22\nlines = 2").has(
        "[tool.lowdb.print]\nitems = 3\nstring = 33\nlines = 3"
    )
    settings, _ = person.reads(LOWDB_STRING="44", LOWDB_LINES="4")
    settings.set("lines", "5", COMMAND_LINE, "--lines")
    assert [settings[name] for name in ("depth", "items", "string", "lines")] == [2, 3, 44, 5]
    sources = [settings.source(name) for name in ("depth", "items", "string", "lines")]
    assert sources == ["~/.config/lowdb/config.toml", "~/project/pyproject.toml", "LOWDB_STRING", "--lines"]
    settings.set("lines", "6")
    assert (settings["lines"], settings.source("lines")) == (6, "set here")
    assert settings.unset("lines", PROMPT) == 5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[ui]\n\ncontxt = 3", ":3: no key 'contxt' in [ui] (did you mean 'context'?)"),
        ("[print]\nzzzzz = 3", ":2: no key 'zzzzz' in [print] (there are: depth, items, string, lines)"),
        ("[ui]\ndepth = 3", ":2: depth belongs in [print], not in [ui]"),
        ("depth = 3", ":1: depth belongs in [print]"),
        ("[prnt]\ndepth = 3", ":1: no table [prnt] (did you mean 'print'?)"),
        ("[print]\ndepth = '3'", ":2: depth is a number from 1 up, not '3'"),
        ("[print]\ndepth = 0", ":2: depth is a number from 1 up, not 0"),
        ("[print]\ndepth = true", ":2: depth is a number from 1 up, not True"),
        ("[ui]\ntoolbar = 1", ":2: toolbar is true or false, not 1"),
        ("[ui]\ntheme = 1", ":2: theme is text, not 1"),
        ("[ui]\ncolor = 'alway'", ":2: color is one of auto, always, never, not 'alway' (did you mean 'always'?)"),
        ("ui = 3", ":1: [ui] is a table, not 3"),
        (
            "[keys]\nF10 = 'n'",
            ":2: no key 'F10' in [keys] (there are: f1 to f12, s-f1 (Shift), a-up (Alt), c-left (Ctrl), a-x)",
        ),
        ("[paths]\na = 3", ":2: a is a text (a directory), not 3"),
        ("[alias]\na = 3", ":2: a is a text (a command line), not 3"),
        ("[startup]\ncommands = 'c'", ':2: commands is a list of texts (["…", "…"]), not \'c\''),
        ("[startup]\ncommand = ['c']", ":2: no key 'command' in [startup] (there is: commands)"),
        ("[mycode]\ninclude = [1]", ':2: include is a list of texts (["…", "…"]), not [1]'),
    ],
)
def test_a_fault_is_one_line_and_the_rest_is_obeyed(person: Person, text: str, problem: str) -> None:
    settings, problems = person.writes(f"{text}\n[stops]\nfollow_forks = true\n").reads()
    assert problems == [f"~/.config/lowdb/config.toml{problem}"]
    assert settings["follow_forks"] is True
    # the same through tomllib: something in the file is not plain
    _, problems = person.writes(f'{text}\n[stops]\nfollow_forks = true\n[alias.x]\ny = "\\t"\n').reads()
    assert f"~/.config/lowdb/config.toml{problem}" in problems


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"[ui\ntheme = 1", r"not TOML: .*line 1, column 4.*; nothing of it is obeyed"),
        (b"[ui]\ncontext = 5\ntheme = \xff", r"not UTF-8: byte 0xff on line 3; nothing of it is obeyed"),
        (b"#" * 1_000_001, "too long for a settings file"),
    ],
)
def test_a_broken_file_is_one_line_that_says_where(person: Person, data: bytes, problem: str) -> None:
    settings, problems = person.writes(data).reads()
    assert len(problems) == 1
    assert re.search(problem, problems[0])
    assert settings["context"] == KINDS["context"].default


def test_a_file_that_is_named_and_not_there_is_told(person: Person) -> None:
    assert person.reads(LOWDB_CONFIG="/nowhere/x.toml")[1] == [
        "/nowhere/x.toml: cannot be read: No such file or directory; nothing of it is obeyed"
    ]
    assert person.reads(LOWDB_CONFIG=str(person.home))[1] == [
        f"{person.home}: cannot be read: Is a directory; nothing of it is obeyed"
    ]
    assert person.reads(LOWDB_CONFIG="")[1] == []


def test_a_mark_of_windows_at_the_files_beginning_is_passed_over(person: Person) -> None:
    settings, problems = person.writes(b"\xef\xbb\xbf[print]\r\ndepth = 7\r\n").reads()
    assert (settings["depth"], problems) == (7, [])


# --- projects -------------------------------------------------------------------------------------


def test_a_project_gives_print_limits_and_globs_seen_from_its_root(person: Person) -> None:
    person.has("[tool.lowdb.print]\ndepth = 8\n[tool.lowdb.mycode]\ninclude = ['vendor', '*/x/*']\nexclude = ['/abs']")
    settings, problems = person.reads()
    assert (settings["depth"], problems) == (8, [])
    assert settings.include == [str(person.project / "vendor"), "*/x/*"]
    assert (settings.exclude, settings.project) == (["/abs"], str(person.project))


def test_a_projects_directories_are_seen_from_its_root(person: Person) -> None:
    settings, problems = person.has("[tool.lowdb.paths]\n'/build' = 'src'\n'/gen' = '/abs'").reads()
    assert (settings.paths, problems) == ({"/build": str(person.project / "src"), "/gen": "/abs"}, [])


@pytest.mark.parametrize("table", ["ui", "stops", "keys", "alias"])
def test_what_acts_or_is_taste_does_not_belong_to_a_project(person: Person, table: str) -> None:
    person.has(f"[tool.lowdb.{table}]\nfollow_forks = true\ntheme = 'x'\nf10 = 'q'\n")
    settings, problems = person.reads()
    place = f"~/project/pyproject.toml:1: [tool.lowdb.{table}]"
    assert problems == [f"{place} is a person's own choice: it belongs in config.toml, not in a project"]
    assert (settings["follow_forks"], settings["theme"], settings.keys, settings.aliases) == (False, "default", {}, {})


def test_a_project_file_that_says_nothing_of_lowdb_is_not_even_understood(person: Person) -> None:
    assert person.has("[project\nbroken").reads()[1] == []
    assert "not TOML" in person.has("[tool.lowdb\nbroken").reads()[1][0]


COMMANDS = "[tool.lowdb.startup]\ncommands = ['p 6 * 7']\n"


def test_a_projects_commands_are_not_run_and_that_is_said(person: Person) -> None:
    settings, problems = person.has(COMMANDS).reads()
    assert settings.startup == []
    assert problems == [
        "~/project/pyproject.toml: its start-up commands are not run (lowdb --trust shows them and has them run)"
    ]


def test_trust_is_for_these_commands_of_this_file(person: Person, tmp_path: Path) -> None:
    file = str(person.has(COMMANDS).project / "pyproject.toml")
    places = Places("", str(tmp_path / ".local" / "state" / "lowdb"))
    trust(places, file, ["p 6 * 7"])
    settings, problems = person.reads()
    assert (settings.startup, problems, settings.trusted) == (["p 6 * 7"], [], "~/project/pyproject.toml")
    settings, problems = person.has(COMMANDS.replace("6", "8")).reads()  # changed since
    assert (settings.startup, len(problems), settings.trusted) == ([], 1, "")
    person.has(COMMANDS)
    assert is_trusted(places, file, ["p 6 * 7"])
    assert not is_trusted(places, str(tmp_path / "pyproject.toml"), ["p 6 * 7"])
    assert os.stat(places.state_file("trusted.json")).st_mode & 0o777 == 0o600
    trust(places, file, [])
    assert not is_trusted(places, file, ["p 6 * 7"])


def test_a_link_to_a_trusted_project_is_the_project(person: Person, tmp_path: Path) -> None:
    person.has(COMMANDS)
    (tmp_path / "link").symlink_to(person.project)
    places = Places("", str(tmp_path / ".local" / "state" / "lowdb"))
    trust(places, str(tmp_path / "link" / "pyproject.toml"), ["p 6 * 7"])
    assert person.reads()[0].startup == ["p 6 * 7"]


@pytest.mark.parametrize("note", ["[]", "{", "{}", '{"%s": "p 6 * 7"}', "\xff"])
def test_a_note_of_trust_that_is_damaged_trusts_nothing(person: Person, tmp_path: Path, note: str) -> None:
    file = str(person.has(COMMANDS).project / "pyproject.toml")
    place = tmp_path / ".local" / "state" / "lowdb"
    place.mkdir(parents=True)
    (place / "trusted.json").write_bytes(note.replace("%s", file).encode("latin-1"))
    assert person.reads()[0].startup == []


def test_trust_without_a_place_is_refused(person: Person) -> None:
    with pytest.raises(NoPlace, match="HOME is not set"):
        trust(Places(), "/x", ["c"])


def test_the_root_of_a_project_is_the_nearest_mark_upwards(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    assert find_project(str(deep)) == (str(deep), "")
    (tmp_path / "a" / ".git").mkdir()
    (tmp_path / "pyproject.toml").touch()
    assert find_project(str(deep)) == (str(tmp_path / "a"), "")
    (tmp_path / "a" / "b" / "pyproject.toml").touch()
    assert find_project(str(deep)) == (str(tmp_path / "a" / "b"), str(tmp_path / "a" / "b" / "pyproject.toml"))


def test_the_program_of_python_dash_m_is_seen_from_the_current_directory() -> None:
    assert program_directory() == os.curdir  # pytest


# --- colours --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "environment", "terminal", "answer"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ("auto", {"PYTHON_COLORS": "1", "NO_COLOR": "1"}, False, True),
        ("auto", {"PYTHON_COLORS": "0", "FORCE_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_one_rule_for_colour(choice: str, environment: dict[str, str], terminal: bool, answer: bool) -> None:
    assert colored(choice, environment, terminal) is answer


# --- the command ----------------------------------------------------------------------------------


def at_prompt(person: Person, *lines: str) -> str:
    here: Talk = talk()
    here.session.settings, _ = person.reads()
    return here.stop(*lines)


@pytest.fixture
def home(person: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.setenv("HOME", str(person.home))
    return person


def last(told: str, count: int = 1) -> str:
    return "\n".join(told.rstrip().splitlines()[-count:])


def test_config_shows_the_sections_and_the_source_of_what_is_not_the_default(home: Person) -> None:
    told = at_prompt(home.writes("[print]\ndepth = 7\n[keys]\nf8 = 'w'\n"), "config context = 9", "config")
    sections = ["[ui]", "[print]", "[mycode]", "[stops]", "[keys]"]
    assert [line for line in told.splitlines() if line[:1] == "["] == sections
    shown = {line.split()[0]: line.split("   ")[-1] for line in told.splitlines() if line}
    assert (shown["context"], shown["depth"]) == ("(set here)", "(~/.config/lowdb/config.toml)")
    assert shown["items"].strip() == KINDS["items"].about
    assert last(told, 2).replace(" ", "") == "f8w\nfile:~/.config/lowdb/config.toml"


def test_config_says_where_the_file_would_be(home: Person) -> None:
    assert last(at_prompt(home, "config")) == (
        "file: ~/.config/lowdb/config.toml   (not there yet: config KEY = VALUE --save makes it)"
    )


def test_a_setting_is_saved_where_the_next_start_finds_it(home: Person) -> None:
    home.writes("# mine\n[print]\ndepth = 7 # deep\n")
    told = at_prompt(home, "config depth = 8 --save", "config theme = monokai", "config --save", "config sticky --save")
    assert last(told, 4) == (
        "depth = 8   (saved in ~/.config/lowdb/config.toml)\n"
        "theme = monokai\n"
        "theme = monokai   (saved in ~/.config/lowdb/config.toml)\n"
        "sticky = false   (saved in ~/.config/lowdb/config.toml)"
    )
    assert home.config.read_text() == ('# mine\n[print]\ndepth = 8 # deep\n\n[ui]\ntheme = "monokai"\nsticky = false\n')
    settings, problems = home.reads()
    assert (settings["depth"], settings["theme"], problems) == (8, "monokai", [])


def test_the_first_setting_saved_makes_the_file_for_its_owner_only(home: Person) -> None:
    at_prompt(home, "config depth = 8 --save")
    assert home.config.read_text() == "[print]\ndepth = 8\n"
    assert home.config.stat().st_mode & 0o777 == 0o600


def test_what_wins_over_a_saved_setting_is_named(home: Person) -> None:
    home.has("[tool.lowdb.print]\ndepth = 2\n")
    told = at_prompt(home, "config depth = 8 --save", "p 1", "config depth")
    assert "  but ~/project/pyproject.toml says 2, which wins over it\n" in told
    assert last(told) == "depth = 8"


def test_unset_goes_back_to_the_file_and_with_save_to_the_default(home: Person) -> None:
    home.writes("[print]\ndepth = 7\nitems = 1\n")
    told = at_prompt(home, "config depth = 8", "config --unset depth", "config --unset depth --save")
    assert last(told, 3) == "depth = 8\ndepth = 7   (~/.config/lowdb/config.toml)\ndepth = 3"
    assert home.config.read_text() == "[print]\nitems = 1\n"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("config --save", "nothing was set here: config KEY = VALUE, or config --save KEY"),
        ("config --save dpth", "no setting 'dpth' (did you mean 'depth'?)"),
        ("config --unset", "which setting? config --unset KEY"),
        ("config depth = x --save", "depth is a number from 1 up, not 'x'"),
        ("alias a b --save", "a was not saved: {config} stays as it is: it is not TOML: "),
        ("config depth = 5 --save", "depth was not saved: {config} stays as it is: it is not TOML: "),
    ],
)
def test_what_cannot_be_saved_says_why(home: Person, line: str, answer: str) -> None:
    home.writes("[print\n")
    assert last(at_prompt(home, line)).startswith(answer.format(config=home.config))
    assert home.config.read_text() == "[print\n"


def test_nowhere_to_save_says_what_to_do() -> None:
    told = talk().stop("config depth = 8 --save")
    assert last(told) == (
        "depth was not saved: there is no place for config.toml: HOME is not set (LOWDB_CONFIG=FILE names one)"
    )


def test_an_alias_is_saved_and_taken_out_again(home: Person) -> None:
    at_prompt(home, "alias pq p 'a';; c --save", "alias x y", "alias x --save")
    assert home.reads()[0].aliases == {"pq": "p 'a';; c", "x": "y"}
    here = talk()
    here.session.settings = home.reads()[0]
    here.session.lines.aliases.update(here.session.settings.aliases)
    here.stop("unalias x --save")
    assert home.reads()[0].aliases == {"pq": "p 'a';; c"}


# --- a whole run ----------------------------------------------------------------------------------


def run(home: Path, *words: str, input: str = "", **env: str | None) -> tuple[str, str]:
    places = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "c"), "XDG_STATE_HOME": str(home / "s")}
    done = run_python("-m", "lowdb", *words, input=input, env=places | env, cwd=home)
    return done.out, done.err


def test_a_run_obeys_the_files(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("x = list(range(30))\nprint('done')\n")
    (tmp_path / "pyproject.toml").write_text(f"{COMMANDS}[tool.lowdb.print]\nitems = 2\n")
    (tmp_path / "c" / "lowdb").mkdir(parents=True)
    (tmp_path / "c" / "lowdb" / "config.toml").write_text(
        "[alias]\nnx = 'n;; p x'\n[startup]\ncommands = ['p 5*5']\n[print]\nitem = 3\n"
    )
    out, err = run(tmp_path, "main.py", input="nx\nc\n")
    assert "(lowdb) p 5*5\n25\n" in out
    assert "[0, 1, … 28 more]" in out
    assert "\n42\n" not in out
    assert err.splitlines() == [
        "lowdb: ~/c/lowdb/config.toml:6: no key 'item' in [print] (did you mean 'items'?)",
        "lowdb: ~/pyproject.toml: its start-up commands are not run (lowdb --trust shows them and has them run)",
    ]


def test_the_start_up_commands_are_for_the_first_prompt_and_not_for_a_restart(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("print('done')\n")
    (tmp_path / "c" / "lowdb").mkdir(parents=True)
    (tmp_path / "c" / "lowdb" / "config.toml").write_text("[startup]\ncommands = ['p 5*5']\n")
    out, _ = run(tmp_path, "main.py", input="run\nc\n")
    assert out.count("\n25\n") == 1
    assert out.count("start  main.py:1") == 2


@pytest.mark.parametrize("home", [None, "/", "relative", "/nowhere/at/all", "/dev/null"])
def test_no_home_is_no_error(tmp_path: Path, home: str | None) -> None:
    (tmp_path / "main.py").write_text("print('done')\n")
    bare = {"XDG_CONFIG_HOME": None, "XDG_STATE_HOME": None, "HOME": home}
    done = run_python("-m", "lowdb", "main.py", input="p 1\nc\n", env=bare, cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert "done\n" in done.out


def test_a_liking_for_plain_text_does_not_give_away_the_data_of_a_pipe(tmp_path: Path) -> None:
    """`ui = "plain"` in config.toml, `data | python script.py`, breakpoint(): only LOWDB_UI=plain may read the data."""
    (tmp_path / "main.py").write_text("import sys\nbreakpoint()\nprint('read', sys.stdin.read().split())\n")
    (tmp_path / "c" / "lowdb").mkdir(parents=True)
    (tmp_path / "c" / "lowdb" / "config.toml").write_text('[ui]\nui = "plain"\n')
    env = {"XDG_CONFIG_HOME": str(tmp_path / "c"), "PYTHONBREAKPOINT": "lowdb.set_trace"}
    done = run_python("main.py", input="p 1\nc\n", env=env, cwd=tmp_path)
    assert done.out == "read ['p', '1', 'c']\n"
    assert "no terminal: continuing" in done.err
    done = run_python("main.py", input="p 1\nc\nrest", env=env | {"LOWDB_UI": "plain"}, cwd=tmp_path)
    assert done.out.endswith("read ['rest']\n")


def test_a_settings_file_that_is_plain_needs_no_tomllib(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import sys\nprint('loaded', 'tomllib' in sys.modules)\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1.5"\n[tool.lowdb.print]\nitems = 2\n')
    (tmp_path / "c" / "lowdb").mkdir(parents=True)
    config = tmp_path / "c" / "lowdb" / "config.toml"
    config.write_text('[ui]\ntheme = "monokai" # dark\n[alias]\npl = "p \\"x\\""\n[mycode]\ninclude = ["a", "b"]\n')
    assert "loaded False\n" in run(tmp_path, "main.py", input="c\n")[0]
    config.write_text("ui = {theme = 'monokai'}\n")
    assert "loaded True\n" in run(tmp_path, "main.py", input="c\n")[0]


def test_files_of_code_that_was_compiled_elsewhere_are_found_here(tmp_path: Path) -> None:
    """A build in a container, a .pyc without its source: the project says where the files are."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "mod.py").write_text("def f(n):\n    m = n + 1\n    return m\n")
    (tmp_path / "pyproject.toml").write_text('[tool.lowdb.paths]\n"/build/src" = "src"\n')
    (tmp_path / "main.py").write_text(
        "space = {}\nexec(compile(open('src/mod.py').read(), '/build/src/mod.py', 'exec'), space)\nspace['f'](1)\n"
    )
    out, err = run(tmp_path, "main.py", input="b src/mod.py:2\nc\nb /build/src/mod.py:3\nc\nc\n")
    assert err == ""
    for line in (2, 3):
        assert f"> {tmp_path}/src/mod.py({line})f()\n" in out
    assert "●>    2      m = n + 1\n" in out
    (tmp_path / "pyproject.toml").unlink()
    out, _ = run(tmp_path, "main.py", input="b src/mod.py:2\nc\n")
    assert "breakpoint 1  " not in out


def test_the_longer_directory_wins_and_only_whole_names_count() -> None:
    try:
        map_directories({"/build": "/here", "/build/sub/": "/there", "gen": "/gen"})
        names = ["/build/a.py", "/build/sub/a.py", "/build/submarine/a.py", "/builds/a.py", "gen/a.py", "/gen2"]
        assert [mapped(name) for name in names] == [
            "/here/a.py", "/there/a.py", "/here/submarine/a.py", "/builds/a.py", "/gen/a.py", "/gen2",
        ]  # fmt: skip
        assert canonical("/build/../build/a.py") != canonical("/build/a.py") == "/here/a.py"
    finally:
        map_directories({})
    assert canonical("/build/a.py") == "/build/a.py"
