"""File names, whose code it is, what the interpreter can do."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from lowdb.program import paths
from lowdb.program.mycode import MyCode, is_lowdb
from lowdb.program.paths import START_DIRECTORY, canonical, is_real, short


def test_links_are_resolved(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "a.py").write_text("")
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "relative").symlink_to("link/a.py")
    (tmp_path / "up").symlink_to("real/../real")
    whole = os.path.realpath(real / "a.py")
    assert canonical(str(tmp_path / "link" / "a.py")) == whole
    assert canonical(str(tmp_path / "relative")) == whole
    assert canonical(str(tmp_path / "up" / "." / "a.py")) == whole
    assert canonical(str(tmp_path / "link" / ".." / "real" / "a.py")) == whole
    assert canonical(str(tmp_path / "none" / "b.py")) == os.path.realpath(tmp_path / "none" / "b.py")


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert canonical(str(tmp_path / "a" / "c.py"))


def test_names_that_are_no_files_stay() -> None:
    for name in ("<string>", "<frozen os>", "<ipython-input-1-abc>", ""):
        assert canonical(name) == name
        assert not is_real(name)
    assert is_real("a.py")
    assert canonical("a\0b") in ("a\0b", f"{START_DIRECTORY}/a\0b")


def test_a_relative_name_means_the_directory_of_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert canonical("some/../a.py") == os.path.join(canonical(START_DIRECTORY), "a.py")


def test_short_names_are_relative_to_the_start_only() -> None:
    assert short(canonical("a/b.py")) == os.path.join("a", "b.py")
    assert short("/elsewhere/b.py") == "/elsewhere/b.py"
    assert short("<string>") == "<string>"


def test_a_program_that_mocks_os_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "a.py")
    link = str(tmp_path / "link")
    with monkeypatch.context() as patch:
        for name in ("lstat", "stat", "readlink", "getcwd"):
            patch.setattr(os, name, None)
        found = canonical(link)
    assert found == os.path.realpath(tmp_path / "a.py")


# --- whose code -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["/home/me/app.py", "app.py", "<string>", "<stdin>", "<ipython-input-3>", "<python-input-0>", "<my rules>"]
)
def test_the_users_code_is_mine(name: str) -> None:
    assert MyCode().is_mine(name)


@pytest.mark.parametrize(
    "name",
    [
        json.__file__,
        os.__file__,
        pytest.__file__,
        "/usr/lib/python3/dist-packages/a.py",
        "<frozen importlib._bootstrap>",
        "<frozen os>",
        "<attrs generated init a.B>",
        paths.__file__,
        "<lowdb reader>",
        "<prompt>",
    ],
)
def test_libraries_and_generated_code_are_not_mine(name: str) -> None:
    assert not MyCode().is_mine(name)


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="not in a virtual environment")
def test_a_command_that_an_installer_wrote_is_not_mine() -> None:
    assert not MyCode().is_mine(os.path.join(sys.prefix, "bin", "pytest"))
    assert MyCode().is_mine(os.path.join(sys.prefix, "src", "mine.py"))


def test_lowdbs_own_files_are_known() -> None:
    assert is_lowdb(paths.__file__)
    assert is_lowdb("<lowdb reader>")
    assert not is_lowdb(__file__)
    assert not is_lowdb(os.path.join(os.path.dirname(os.path.dirname(paths.__file__)) + "_other", "a.py"))


def test_globs_have_the_last_word_but_never_over_lowdb() -> None:
    mycode = MyCode(include=["*/site-packages/mine/*"], exclude=["*/vendor/*", "generated.py"])
    assert mycode.is_mine("/x/site-packages/mine/a.py")
    assert not mycode.is_mine("/x/site-packages/other/a.py")
    assert not mycode.is_mine("/x/vendor/a.py")
    assert not mycode.is_mine(os.path.join(START_DIRECTORY, "generated.py"))
    mycode.include("*/vendor/a.py")
    assert mycode.is_mine("/x/vendor/a.py")
    assert not mycode.is_mine("/x/vendor/b.py")
    mycode.exclude("<my rules>")
    assert not mycode.is_mine("<my rules>")
    mycode.include("*")
    assert mycode.is_mine(json.__file__)
    assert not mycode.is_mine(paths.__file__)
    assert mycode.rules[-1] == ("*", True)


def test_a_plain_name_is_a_file_or_a_directory() -> None:
    mycode = MyCode(exclude=["lib"])
    assert not mycode.is_mine(os.path.join(START_DIRECTORY, "lib", "a.py"))
    assert mycode.is_mine(os.path.join(START_DIRECTORY, "library.py"))


def test_switched_off_all_but_lowdb_is_wanted() -> None:
    mycode = MyCode()
    assert not mycode.wanted(json.__file__)
    mycode.enabled = False
    assert mycode.wanted(json.__file__)
    assert not mycode.wanted(paths.__file__)
    assert not mycode.is_mine(json.__file__)


def test_the_program_wing_imports_little() -> None:
    import subprocess

    wanted = (
        "capabilities",
        "program.frames",
        "program.sources",
        "program.tasks",
        "program.threads",
        "program.evaluate",
    )
    names = [f"lowdb.{name}" for name in wanted]
    text = f"import {', '.join(names)}; import sys; print(*sys.modules)"
    root = os.path.dirname(os.path.dirname(os.path.dirname(paths.__file__)))
    done = subprocess.run([sys.executable, "-S", "-c", text], capture_output=True, text=True, cwd=root, check=True)
    heavy = {"inspect", "ast", "dis", "tokenize", "asyncio", "argparse", "ctypes", "pprint", "dataclasses", "opcode"}
    assert heavy & set(done.stdout.split()) == set()
