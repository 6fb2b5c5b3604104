"""The tests' own tools: what they promise must hold before anything else can be believed."""

from __future__ import annotations

import os
import sys
import time

import pytest

from tests import conftest
from tests.processes import Process, Stuck, _cut


def test_a_stuck_process_is_ended_with_its_whole_group_and_shows_where_it_was():
    # the child says nothing of where it is, so that its words do not mix with the parent's
    say = "os.write(1, b'%d\\n' % (pid or os.getpid()))"  # in one piece: both speak at once
    code = f"import os, time\npid = os.fork()\n{say}\npid or os.close(2)\ntime.sleep(60)"
    process = Process([sys.executable, "-c", code])
    process.expect(r"\d+\n\d+\n")
    with pytest.raises(Stuck, match=r'File "<string>", line 5'):
        process.expect("never said", deadline=0.5)
    for pid in {int(word) for word in process.out.split()}:
        for _ in range(100):  # the orphan's new parent has to reap it
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                break
            if _state(pid) == "Z":
                break
            time.sleep(0.02)
        else:
            pytest.fail(f"{pid} lives on")


def _state(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_output_is_read_to_its_end_and_the_status_is_told(run):
    done = run("-c", "import sys; print(sys.stdin.read()); print('é', file=sys.stderr); sys.exit(3)", input="données")
    assert (done.status, done.out, done.err) == (3, "données\n", "é\n")


def test_a_character_cut_by_the_pipe_is_put_together_again():
    assert [_cut("né€".encode()[:n]) for n in range(1, 7)] == [False, True, False, True, True, False]
    process = Process(
        [sys.executable, "-c", "import os,time\nfor b in '→ é'.encode(): os.write(1, bytes([b])); time.sleep(0.02)"]
    )
    try:
        assert process.wait().out == "→ é"
    finally:
        process.kill()


def test_events_left_armed_are_found_and_taken_off():
    def code_under_watch() -> None:
        pass

    monitoring = sys.monitoring
    monitoring.use_tool_id(3, "test")
    monitoring.set_local_events(3, code_under_watch.__code__, monitoring.events.LINE)
    monitoring.free_tool_id(3)
    found = conftest.left_armed()
    assert ["code_under_watch" in line for line in found] == [True]
    assert conftest.left_armed() == []


def test_no_debuggee_meets_a_persons_settings_nor_what_another_one_left(run):
    code = "import os; print(os.environ['XDG_CONFIG_HOME'], os.environ['XDG_STATE_HOME'])"
    places = [*run("-c", code).out.split(), *run("-c", code).out.split()]
    assert len({*places, os.environ["XDG_CONFIG_HOME"], os.environ["XDG_STATE_HOME"]}) == 6
    assert not any(os.path.exists(place) for place in places)
