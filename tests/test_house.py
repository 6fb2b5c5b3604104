"""The rules of the house: who may know whom, what each module may touch, how large it may grow.

The source is parsed, not searched, so a word in a comment or a docstring breaks no rule.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.processes import ROOT, run_python

PACKAGE = ROOT / "lowdb"
MODULES = sorted(PACKAGE.rglob("*.py"))
ENTRANCES = {"__init__", "__main__", "cli", "hooks", "faces", "pytest_plugin"}
ENTRANCES |= {"debuggee", "listening", "children", "attach"}

MAY_IMPORT = {
    "capabilities": set(),
    "wire": set(),
    "program": {"capabilities"},
    "engine": {"program", "capabilities"},
    "repl": {"engine", "program", "capabilities", "wire"},
    "dap": {"engine", "program", "capabilities", "wire"},
    "terminal": {"repl.blocks", "repl.console", "repl.colors", "repl.plain", "repl.tty", "repl.ttystream", "wire"},
    "adapter": {"wire"},
}
"""The table: a wing and the wings (or single modules) that it may know, itself aside."""

THIRD_PARTY = {"terminal": {"prompt_toolkit", "pygments"}}
VERSION_TESTS = {"capabilities.py", "adapter/launcher.py"}
STATE = {"argv", "path", "stdin", "stdout", "stderr", "ps1", "__file__", "last_exc", "last_traceback", "last_value"}
STATE |= {"excepthook", "displayhook", "breakpointhook", "unraisablehook"}
"""What a program may take away from a module: whether it is there tells nothing of the interpreter."""
INSIDE = {"capabilities", "program", "engine", "repl", "dap", "wire", "adapter"}
LONGEST = 350
"""Lines of a module, docstrings and all."""


def name_of(path: Path) -> str:
    """`engine/monitor.py` as "engine.monitor"; a package is its own name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def wing_of(module: str) -> str:
    return module.partition(".")[0]


@cache
def parsed(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.up = node  # type: ignore[attr-defined]
    return tree


def parents(node: ast.AST) -> list[ast.AST]:
    found = []
    while (node := getattr(node, "up", None)) is not None:  # type: ignore[assignment]
        found.append(node)
    return found


def in_function(node: ast.AST) -> bool:
    return any(isinstance(up, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) for up in parents(node))


def typing_only(node: ast.AST) -> bool:
    """Whether it stands in the body of `if TYPE_CHECKING:`."""
    return any(isinstance(up, ast.If) and ast.unparse(up.test).endswith("TYPE_CHECKING") for up in parents(node))


def imports(path: Path) -> list[tuple[ast.stmt, str]]:
    """Each import statement of the module with the absolute dotted name of every module that it names."""
    found: list[tuple[ast.stmt, str]] = []
    package = ("lowdb", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found += [(node, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])
            base = base if node.level else node.module or ""
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                found.append((node, whole if exists(whole) else base))
    return found


def exists(dotted: str) -> bool:
    path = ROOT.joinpath(*dotted.split("."))
    return dotted.startswith("lowdb") and (path.with_suffix(".py").is_file() or (path / "__init__.py").is_file())


def at(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def dotted_uses(path: Path) -> list[tuple[ast.AST, str]]:
    """Every `a.b.c` of the module as text, and every bare name."""
    return [(n, ast.unparse(n)) for n in ast.walk(parsed(path)) if isinstance(n, ast.Attribute | ast.Name)]


def none(faults: list[str]) -> None:
    assert not faults, "\n" + "\n".join(sorted(set(faults)))


# --- 1: what a module may touch -------------------------------------------------------------------


def test_only_the_monitor_touches_sys_monitoring():
    none(
        [
            f"{at(path, node)} {text}"
            for path in MODULES
            if name_of(path) != "engine.monitor"
            for node, text in [*dotted_uses(path), *imports(path)]
            if re.search(r"\bsys\.monitoring\b", text)
            or (isinstance(node, ast.ImportFrom) and imports_monitoring(node))
        ]
    )


def imports_monitoring(node: ast.ImportFrom) -> bool:
    return node.module == "sys" and any(alias.name == "monitoring" for alias in node.names)


def test_restart_events_is_called_nowhere():
    # it switches on again what every other tool had disabled, and with it the cost of each of its events
    none([at(path, node) for path in MODULES for node, text in dotted_uses(path) if text.endswith("restart_events")])


def test_version_tests_are_in_capabilities_only():
    forbidden = re.compile(
        r"sys\.(version_info|hexversion|version|platform|implementation|api_version|getandroidapilevel|_is_gil_enabled)"
        r"|os\.name|platform\.\w+|sysconfig\.\w+|patchlevel"
    )
    faults = []
    for path in MODULES:
        if str(path.relative_to(PACKAGE)) in VERSION_TESTS:
            continue
        faults += [f"{at(path, n)} {text}" for n, text in dotted_uses(path) if forbidden.fullmatch(text)]
        faults += [f"{at(path, n)} import {text}" for n, text in imports(path) if text in {"platform", "sysconfig"}]
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"hasattr", "getattr"} and len(node.args) > 1:
                probed, name = ast.unparse(node.args[0]), ast.unparse(node.args[1]).strip("'")
                if probed in {"sys", "sys.monitoring", "os", "types", "dis", "opcode", "_thread"} and name not in STATE:
                    faults.append(f"{at(path, node)} {ast.unparse(node)} probes the interpreter")
    none(faults)


def test_code_objects_are_never_keys():
    # they hash in O(size), and equal code in two files is equal: id(code) with a strong reference
    keyed = re.compile(
        r"\b(dict|set|frozenset|Counter|defaultdict|WeakKeyDictionary|WeakSet|Mapping)\[(types\.)?CodeType\b"
    )
    none(
        [
            f"{at(path, node)} {ast.unparse(node)}"
            for path in MODULES
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Subscript) and keyed.match(ast.unparse(node))
        ]
    )


# --- 2: who may know whom -------------------------------------------------------------------------


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_knows_only_what_the_table_allows(path):
    module = name_of(path)
    wing = wing_of(module)
    if wing in ENTRANCES:
        return
    assert wing in MAY_IMPORT, f"{module} has no place in the table"
    allowed = MAY_IMPORT[wing] | {wing}
    faults = []
    for node, target in imports(path):
        top, _, rest = target.partition(".")
        if top == "lowdb":
            if not any(rest == name or rest.startswith(name + ".") for name in allowed):
                faults.append(f"{at(path, node)} {module} imports {target}")
        elif top not in sys.stdlib_module_names | THIRD_PARTY.get(wing, set()):
            faults.append(f"{at(path, node)} {module} imports {target}, which is not in the standard library")
    none(faults)


def test_entrances_import_third_parties_nowhere():
    none(
        [
            f"{at(path, node)} {target}"
            for path in MODULES
            if wing_of(name_of(path)) in ENTRANCES - {"pytest_plugin"}
            for node, target in imports(path)
            if target.partition(".")[0] not in sys.stdlib_module_names | {"lowdb"}
        ]
    )


def test_modules_import_each_other_in_no_circle():
    edges: dict[str, set[str]] = {}
    for path in MODULES:
        known = edges.setdefault(name_of(path), set())
        for node, target in imports(path):
            if target.startswith("lowdb.") and not typing_only(node) and not in_function(node):
                known.add(target.removeprefix("lowdb."))
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join([*trail[trail.index(module) :], module])
        if module not in done:
            for target in sorted(edges.get(module, ())):
                if target != module:
                    visit(target, (*trail, module))
            done.add(module)

    for module in sorted(edges):
        visit(module, ())


def test_imports_inside_functions_are_the_entrances_or_say_that_they_save_start_up():
    faults = []
    for path in MODULES:
        if wing_of(name_of(path)) in ENTRANCES:
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        for node, target in imports(path):
            if not in_function(node):
                continue
            where = " ".join(lines[max(0, node.lineno - 3) : node.lineno])
            if target.startswith("lowdb") and not target.startswith("lowdb.terminal"):
                faults.append(f"{at(path, node)} {target} inside a function hides who knows whom")
            elif not re.search(r"#.*start-up", where):
                faults.append(f"{at(path, node)} {target} inside a function without a comment that names start-up")
    none(faults)


# --- 3: the inside needs nothing but the standard library -----------------------------------------


def test_the_inside_runs_with_nothing_but_the_standard_library():
    inside = [f"lowdb.{name_of(path)}" for path in MODULES if wing_of(name_of(path)) in INSIDE]
    code = (
        f"import sys, importlib; sys.path.insert(0, {str(ROOT)!r})\n"
        f"for name in {inside!r}: importlib.import_module(name)\n"
        "strange = {m.partition('.')[0] for m in sys.modules} - sys.stdlib_module_names - {'lowdb', '__main__'}\n"
        "print(sorted(strange))"
    )
    done = run_python("-I", "-S", "-W", "error", "-c", code)
    assert (done.status, done.out, done.err) == (0, "[]\n", "")


LATE = {"prompt_toolkit", "pygments", "argparse", "asyncio", "ctypes", "difflib", "json", "logging", "pprint"}
LATE |= {"shutil", "socket", "subprocess", "tempfile", "textwrap", "traceback", "unittest"}
LATE |= {"pytest", "_pytest", "tomllib"}
"""What the first prompt can do without; each costs from one to two hundred milliseconds."""


def test_what_costs_start_up_is_not_loaded_before_the_first_prompt(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(f"import sys\nprint('\\nloaded', sorted(sys.modules.keys() & {sorted(LATE)}))\n")
    bare, done = (run_python(*words, str(program), input="c\n") for words in ([], ["-m", "lowdb", "--ui", "plain"]))
    said = [line for line in bare.out.splitlines() if line.startswith("loaded")]
    assert said == [line for line in done.out.splitlines() if line.startswith("loaded")]
    assert len(said) == 1


# --- size and form --------------------------------------------------------------------------------


def test_a_module_is_short_and_says_in_up_to_four_lines_what_it_does():
    faults = []
    for path in MODULES:
        length = path.read_text(encoding="utf-8").count("\n")
        if length > LONGEST:
            faults.append(f"{at(path, parsed(path))} has {length} lines, more than {LONGEST}")
        said = [line for line in (ast.get_docstring(parsed(path)) or "").splitlines() if line.strip()]
        if not 1 <= len(said) <= 4:
            faults.append(f"{at(path, parsed(path))} its docstring has {len(said)} lines, not 1 to 4")
    none(faults)


def test_public_names_say_what_they_are():
    faults = []
    for path in MODULES:
        for node in parsed(path).body:
            is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if is_definition and not node.name.startswith("_") and not ast.get_docstring(node):
                faults.append(f"{at(path, node)} {node.name}")
    none(faults)


def test_the_top_level_is_what_the_issue_lists():
    found = {p.name for p in ROOT.iterdir() if not p.name.startswith((".", "__pycache__"))}
    assert found <= {"pyproject.toml", "lowdb", "tests", "docs", "README.md", "CHANGELOG.md"}


# --- the rules themselves -------------------------------------------------------------------------


def test_the_rules_see_what_they_forbid(tmp_path, monkeypatch):
    """A rule that finds nothing anywhere proves nothing: each one is shown a house that breaks it."""
    for folder in ("engine", "program", "repl"):
        (tmp_path / "lowdb" / folder).mkdir(parents=True)
        (tmp_path / "lowdb" / folder / "__init__.py").write_text('"""A wing."""\n')
    bad = tmp_path / "lowdb" / "program" / "bad.py"
    bad.write_text(
        '"""Breaks each rule."""\n'
        "from sys import monitoring\nimport sys, sys as system, pygments\nfrom ..engine import other\n"
        "m = sys.monitoring; m.restart_events()\n"
        "if sys.version_info > (3, 13) or hasattr(sys, 'remote_exec'): pass\n"
        "codes: dict[CodeType, int] = {}\n"
        "def public():\n    import json\n    from lowdb.engine import other\n"
    )
    (tmp_path / "lowdb" / "engine" / "other.py").write_text('"""Knows."""\nimport lowdb.program.bad\n')
    here = sys.modules[__name__]
    monkeypatch.setattr(here, "ROOT", tmp_path)
    monkeypatch.setattr(here, "PACKAGE", tmp_path / "lowdb")
    monkeypatch.setattr(here, "MODULES", sorted((tmp_path / "lowdb").rglob("*.py")))
    for rule, words in (
        (test_only_the_monitor_touches_sys_monitoring, "bad.py:5"),
        (test_restart_events_is_called_nowhere, "bad.py:5"),
        (test_version_tests_are_in_capabilities_only, "bad.py:6"),
        (test_code_objects_are_never_keys, "bad.py:7"),
        (test_modules_import_each_other_in_no_circle, "engine.other -> program.bad -> engine.other"),
        (test_imports_inside_functions_are_the_entrances_or_say_that_they_save_start_up, "bad.py:9"),
        (test_public_names_say_what_they_are, "bad.py:8 public"),
    ):
        with pytest.raises(AssertionError, match=re.escape(words)):
            rule()
    with pytest.raises(
        AssertionError, match=r"(?s)bad\.py:3 .*pygments.*bad\.py:4 program\.bad imports lowdb\.engine\.other"
    ):
        test_a_module_knows_only_what_the_table_allows(bad)
