"""`lowdb --trust`: a project's commands are run only after it, and no longer when they have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.processes import Completed, run_python

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = "[tool.lowdb.startup]\ncommands = ['!open(\"ran\", \"w\").close()', 'alias nn n;; n']\n"
NOT_RUN = (
    "lowdb: ~/project/pyproject.toml: its start-up commands are not run (lowdb --trust shows them and has them run)\n"
)


class Project:
    """A project with commands that leave a file when they are run, and a script in a directory of it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "project"
        (self.root / "src").mkdir(parents=True)
        self.says(COMMANDS)
        (self.root / "src" / "main.py").write_text("print('done')\n")

    def says(self, text: str) -> None:
        (self.root / "pyproject.toml").write_text(text)

    def lowdb(self, *words: str, typed: str = "c\n", cwd: Path | None = None, module: str = "lowdb") -> Completed:
        env: dict[str, str | None] = {"HOME": str(self.home), "XDG_STATE_HOME": str(self.home / "state")}
        env |= {"PYTHONBREAKPOINT": "lowdb.set_trace", "LOWDB_UI": "plain"}
        start = ["-m", module] if module else []
        return run_python(*start, *words, input=typed, env=env, cwd=cwd or self.root)

    @property
    def ran(self) -> bool:
        return any(self.home.rglob("ran"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize(
    ("words", "module", "where"),
    [
        (["src/main.py"], "lowdb", "project"),
        (["main.py"], "lowdb", "project/src"),
        (["project/src/main.py"], "lowdb", "."),
        (["-m", "src.main"], "lowdb", "project"),
        (["src"], "lowdb", "project"),
        (["src/main.py"], "", "project"),  # breakpoint()
        (["-c", "breakpoint()"], "", "project/src"),
    ],
)
def test_an_untrusted_project_runs_nothing(project: Project, words: list[str], module: str, where: str) -> None:
    for name in ("main", "__main__"):
        (project.root / "src" / f"{name}.py").write_text("breakpoint()\nprint('done')\n")
    done = project.lowdb(*words, typed="c\nc\n", cwd=project.home / where, module=module)
    assert done.err == NOT_RUN
    assert "(lowdb) " in done.out  # it has stopped, so that commands could have been run
    assert not project.ran


def test_a_config_file_beside_the_program_is_nobodys(project: Project) -> None:
    """Only the place of the person's own counts: a config.toml, .lowdbrc or .pdbrc in a project is just a file."""
    for name in ("config.toml", "lowdb.toml", ".lowdb.toml"):
        (project.root / name).write_text('[startup]\ncommands = [\'!open("ran", "w").close()\']\n')
    for name in (".lowdbrc", ".pdbrc"):
        (project.root / name).write_text("!open('ran', 'w').close()\n")
    project.says("")
    done = project.lowdb("src/main.py")
    assert (done.status, done.err) == (0, "")
    assert not project.ran


def test_after_trust_the_commands_are_run_and_that_is_said(project: Project) -> None:
    said = project.lowdb("--trust")
    assert said.out == (
        f"{project.root}/pyproject.toml is trusted with these start-up commands, until they change:\n"
        '  !open("ran", "w").close()\n'
        "  alias nn n;; n\n"
    )
    assert not project.ran  # it only says so
    done = project.lowdb("src/main.py")
    assert "start-up commands of ~/project/pyproject.toml are run (trusted)\n" in done.out
    assert (done.err, project.ran) == ("", True)


def test_commands_that_have_changed_are_not_trusted(project: Project) -> None:
    project.lowdb("--trust")
    project.says(COMMANDS.replace("alias nn n;; n", "p 1"))
    assert project.lowdb("src/main.py").err == NOT_RUN
    assert not project.ran
    project.says(COMMANDS + "[tool.other]\nx = 1\n")  # the rest of the file may
    assert project.lowdb("src/main.py").err == ""
    assert project.ran


def test_trust_can_be_taken_back(project: Project) -> None:
    project.lowdb("--trust")
    assert "is not trusted" in project.lowdb("--untrust").out
    assert project.lowdb("src/main.py").err == NOT_RUN
    assert not project.ran


@pytest.mark.parametrize("words", [["--trust", "src"], ["--trust=src/main.py"], ["--trust", "."]])
def test_a_project_can_be_named_by_what_is_in_it(project: Project, words: list[str]) -> None:
    assert project.lowdb(*words).status == 0
    assert project.lowdb("src/main.py").err == ""


@pytest.mark.parametrize(
    ("words", "text", "problem"),
    [
        (["--trust"], "", "nothing to trust: {root}/pyproject.toml has no [tool.lowdb.startup] commands"),
        (["--trust"], "[tool.lowdb", "{root}/pyproject.toml: not TOML: "),
        (["--trust", "nowhere"], COMMANDS, "there is no 'nowhere'"),
        (["--trust", ".", "main.py"], COMMANDS, "option --trust takes one project at most, and runs nothing"),
    ],
)
def test_what_cannot_be_trusted_says_why(project: Project, words: list[str], text: str, problem: str) -> None:
    project.says(text)
    done = project.lowdb(*words)
    assert done.status == 2
    assert done.err.startswith(f"lowdb: {problem.format(root=project.root)}")
    assert done.err.count("\n") == 1
