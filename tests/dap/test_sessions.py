"""A session from hello to the end."""

from __future__ import annotations

SIMPLE = """
def add(a, b):
    total = a + b
    return total  # @return

x = add(1, 2)  # @call
print("x is", x)  # @print
"""


def test_a_session_from_breakpoint_to_end(session, program):
    path = program(SIMPLE)
    client = session()
    answer = client.launch(path, lines=["return"])
    assert answer["breakpoints"][0]["verified"] is True
    stop = client.stopped("breakpoint")
    thread = stop["threadId"]
    frames = client.stack(thread)
    assert [frame["name"] for frame in frames] == ["add", "<module>"]
    assert client.variables(frames[0]["id"]) == {"a": "1", "b": "2", "total": "3"}
    assert client.evaluate("a + 10", frames[0]["id"]) == "11"
    client.step("next", thread)
    assert client.line(thread) == 5
    client.step("next", thread)
    assert client.line(thread) == 6
    client.go(thread)
    assert client.end() == "x is 3\n"
