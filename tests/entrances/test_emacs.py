"""Emacs follows a plain session: `M-x pdb` with lowdb's command. What it looks for is tested everywhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.processes import ROOT, environment, run_python

if TYPE_CHECKING:
    from pathlib import Path

MARKER = re.compile(
    r"^> ([^\n]*)\(([0-9]+)\)([a-zA-Z0-9_]*|\?|<(?:module|listcomp|dictcomp|setcomp|genexpr|lambda)>)\(\)(->[^\n]*)?\n",
    re.MULTILINE,
)
"""What Emacs's gud looks for, as Python writes it."""

PROGRAM = """\
import threading
class Cart:
    def total(self, n):
        amount = n * 2
        return [amount + k for k in (1, 2)]
def work():
    return Cart().total(3)
def main():
    work()
    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    add = lambda n: n + 1
    add(1)
    {}["missing"]
main()
"""

STOPS = [
    ("b 4", "1", "<module>", ""),  # the start
    ("c", "4", "total", ""),
    ("u", "7", "work", ""),
    ("d", "4", "total", ""),
    ("n", "5", "total", ""),
    ("r", "5", "total", "->[7, 8]"),
    ("s", "10", "main", ""),  # the call has come back
    ("b 14", None, None, None),
    ("c", "4", "total", ""),  # in the other thread
    ("cl 1;; c", "14", "main", ""),
    ("tb 13", None, None, None),
    ("c", "13", "<lambda>", ""),
    ("c", "15", "main", ""),  # uncaught
]


def test_the_first_line_of_every_stop_is_what_emacs_looks_for(tmp_path: Path) -> None:
    """Start, breakpoint, frames, step, return with a value, another thread, post-mortem."""
    (tmp_path / "a program.py").write_text(PROGRAM)
    done = run_python(
        "-m", "lowdb", "a program.py", input="\n".join(line for line, *_ in STOPS) + "\nq\n", cwd=tmp_path
    )
    found = [match.groups() for match in MARKER.finditer(re.sub(r"(?m)^(\(lowdb[^)]*\) )+", "", done.out))]
    places = [(line, function, value or "") for _, line, function, value in found]
    wanted = [("1", "<module>", ""), *((line, function, value) for _, line, function, value in STOPS[1:] if line)]
    assert {file for file, *_ in found} == {str(tmp_path / "a program.py")}
    assert [(line, function, value) for line, function, value in places] == wanted


LISP = """
(require 'gud)
(setq gud-chdir-before-run nil)
(defun prompts ()
  (with-current-buffer gud-comint-buffer
    (save-excursion (goto-char (point-min)) (how-many "^(lowdb[^)]*) "))))
(defun arrow ()
  (gud-display-frame)
  (if (and gud-overlay-arrow-position (marker-buffer gud-overlay-arrow-position))
      (with-current-buffer (marker-buffer gud-overlay-arrow-position)
        (format "%s:%d" (buffer-name) (line-number-at-pos gud-overlay-arrow-position)))
    "none"))
(defun answered (seen)
  (let ((tries 0))
    (while (and (<= (prompts) seen) (< tries 300))
      (accept-process-output (get-buffer-process gud-comint-buffer) 0.1)
      (setq tries (1+ tries)))
    (accept-process-output nil 0.05)))
(defun press (name command)
  (let ((seen (prompts)))
    (call-interactively command)
    (answered seen)
    (princ (format "%s -> %s\\n" name (arrow)))))
(pdb (getenv "GUD_COMMAND"))
(answered 0)
(princ (format "pdb -> %s\\n" (arrow)))
(with-current-buffer (find-file-noselect "prog.py")
  (goto-char (point-min)) (forward-line 3)
  (press "C-x SPC" 'gud-break)
  (press "cont" 'gud-cont)
  (press "next" 'gud-next)
  (press "up" 'gud-up)
  (press "down" 'gud-down)
  (press "finish" 'gud-finish)
  (press "step" 'gud-step)
  (goto-char (point-min)) (forward-line 3)
  (press "C-c C-d" 'gud-remove)
  (goto-char (point-min)) (forward-line 9)
  (press "C-x SPC" 'gud-break)
  (press "cont" 'gud-cont))
(with-current-buffer gud-comint-buffer
  (goto-char (point-max))
  (insert "p 6 * 7")
  (press "Enter" 'comint-send-input)
  (princ (buffer-string)))
"""

SMALL = """\
import os
class Cart:
    def total(self, n):
        amount = n * 2
        return amount
def main():
    cart = Cart()
    cart.total(3)
    cart.total(4)
    print(10)
main()
"""

ARROWS = """\
pdb -> prog.py:1
C-x SPC -> prog.py:1
cont -> prog.py:4
next -> prog.py:5
up -> prog.py:8
down -> prog.py:5
finish -> prog.py:5
step -> prog.py:9
C-c C-d -> prog.py:9
C-x SPC -> prog.py:9
cont -> prog.py:10
Enter -> prog.py:10
"""


@pytest.mark.skipif(shutil.which("emacs") is None, reason="there is no Emacs here")
def test_the_arrow_of_emacs_follows_the_program(tmp_path: Path) -> None:
    (tmp_path / "prog.py").write_text(SMALL)
    (tmp_path / "gud.el").write_text(LISP)
    done = subprocess.run(
        ["emacs", "--batch", "-Q", "-l", "gud.el"],
        cwd=tmp_path,
        env=environment({"GUD_COMMAND": f"{sys.executable} -m lowdb prog.py", "PYTHONPATH": str(ROOT)}),
        capture_output=True,
        text=True,
        timeout=45,
    )
    shown = done.stdout[done.stdout.index("pdb -> ") :]
    assert shown[: len(ARROWS)] == ARROWS, done.stdout + done.stderr
    assert "(lowdb) p 6 * 7\n42\n(lowdb) " in shown  # Emacs has shown what was typed: nothing is echoed
    assert "\x1b" not in shown
