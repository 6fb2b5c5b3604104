"""Exceptions as an editor stops at them and shows them."""

from __future__ import annotations

import pytest

from tests.dap_client import marks

TEXT = """
class Mine(ValueError):
    pass


def raises(n):
    raise Mine(f"number {n}")  # @raise


def through(n):
    raises(n)  # @through


for n in range(2):
    try:
        through(n)
    except Mine:
        pass

try:
    {}["key"]  # @key
except KeyError as error:
    try:
        raise RuntimeError("second") from error  # @second
    except RuntimeError:
        pass

print("end")
"""


def test_raised_stops_once_where_it_is_raised(session, program):
    path = program(TEXT)
    client = session()
    client.launch(path, filters=["raised"])
    places = []
    for _ in range(4):
        stop = client.stopped("exception")
        places.append((client.line(stop["threadId"]), stop["text"]))
        client.go(stop["threadId"])
    assert client.end() == "end\n"
    line = marks(path)
    assert places == [
        (line["raise"], "Mine: number 0"),
        (line["raise"], "Mine: number 1"),
        (line["key"], "KeyError: 'key'"),
        (line["second"], "RuntimeError: second"),
    ]


@pytest.mark.parametrize(
    ("condition", "stops"),
    [
        ("KeyError", ["KeyError: 'key'"]),
        ("__main__.Mine, RuntimeError", ["Mine: number 0", "Mine: number 1", "RuntimeError: second"]),
        ("str($exc) == 'number 1'", ["Mine: number 1"]),
        ("LookupError", ["KeyError: 'key'"]),
    ],
)
def test_a_filter_with_types_or_a_condition(session, program, condition, stops):
    client = session()
    client.launch(program(TEXT), configured=False)
    options = [{"filterId": "raised", "condition": condition}]
    answer = client.request("setExceptionBreakpoints", filters=[], filterOptions=options)
    assert [one["verified"] for one in answer["breakpoints"]] == [True]
    client.request("configurationDone")
    seen = []
    for _ in stops:
        stop = client.stopped("exception")
        seen.append(stop["text"])
        client.go(stop["threadId"])
    assert seen == stops
    client.end()


def test_a_filter_that_is_not_there_or_does_not_compile_is_unverified(session, program):
    client = session()
    client.launch(program(TEXT), configured=False)
    options = [{"filterId": "raised", "condition": "1 +"}, {"filterId": "nosuch"}]
    answer = client.request("setExceptionBreakpoints", filters=["uncaught"], filterOptions=options)
    first, second, third = answer["breakpoints"]
    assert (first["verified"], second["verified"], third["verified"]) == (True, False, False)
    assert "syntax" in second["message"].lower()
    assert "nosuch" in third["message"]
    client.request("configurationDone")
    client.end()


def test_exception_options_name_types(session, program):
    client = session()
    client.launch(program(TEXT), configured=False)
    options = [{"path": [{"names": ["Python Exceptions"]}, {"names": ["KeyError"]}], "breakMode": "always"}]
    client.request("setExceptionBreakpoints", filters=[], exceptionOptions=options)
    client.request("configurationDone")
    stop = client.stopped("exception")
    assert stop["text"] == "KeyError: 'key'"
    client.go(stop["threadId"])
    client.end()


def test_uncaught_stops_where_it_was_raised_and_costs_nothing(session, program):
    path = program("def f():\n    local = 5\n    raise KeyError('no')  # @raise\n\nf()\n")
    client = session()
    client.launch(path, filters=["uncaught"])
    stop = client.stopped("exception")
    frames = client.stack(stop["threadId"])
    assert [(frame["name"], frame["line"]) for frame in frames] == [("f", 3), ("<module>", 5)]
    assert client.evaluate("local", frames[0]["id"]) == "5"
    assert "KeyError" in client.request("exceptionInfo", threadId=stop["threadId"])["exceptionId"]
    client.go(stop["threadId"])
    client.end(1)
    assert "KeyError: 'no'" in client.errors()
    assert "lowdb" not in client.errors()


def test_uncaught_with_a_type_lets_others_pass(session, program):
    client = session()
    client.launch(program("raise KeyError('no')\n"), configured=False)
    client.request(
        "setExceptionBreakpoints", filters=[], filterOptions=[{"filterId": "uncaught", "condition": "ValueError"}]
    )
    client.request("configurationDone")
    client.end(1)


def test_without_the_filter_an_uncaught_exception_just_ends_the_program(session, program):
    client = session()
    client.launch(program("raise KeyError('no')\n"), filters=[])
    client.end(1)


def test_uncaught_in_a_thread(session, program):
    path = program(
        """
        import threading

        def work():
            raise LookupError("in a thread")  # @raise

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        print("end")
        """
    )
    client = session()
    client.launch(path, filters=["uncaught"])
    stop = client.stopped("exception")
    assert stop["threadId"] != 1
    assert client.line(stop["threadId"]) == marks(path)["raise"]
    client.go(stop["threadId"])
    assert client.end() == "end\n"


def test_user_unhandled_stops_where_it_leaves_the_users_code_for_a_library(session, program):
    path = program(
        """
        import json

        def default(value):
            raise LookupError("not mine")  # @raise

        try:
            json.dumps(object(), default=default)
        except LookupError:
            print("caught")
        """
    )
    client = session()
    client.launch(path, filters=["userUnhandled"])
    stop = client.stopped("exception")
    assert client.line(stop["threadId"]) == marks(path)["raise"]
    assert client.request("exceptionInfo", threadId=stop["threadId"])["breakMode"] == "userUnhandled"
    client.go(stop["threadId"])
    assert client.end() == "caught\n"


def test_exception_info_with_its_chain(session, program):
    client = session()
    client.launch(program(TEXT), configured=False)
    client.request(
        "setExceptionBreakpoints", filters=[], filterOptions=[{"filterId": "raised", "condition": "RuntimeError"}]
    )
    client.request("configurationDone")
    thread = client.stopped("exception")["threadId"]
    info = client.request("exceptionInfo", threadId=thread)
    assert info["exceptionId"] == "RuntimeError"
    assert info["description"] == "RuntimeError: second"
    assert info["breakMode"] == "always"
    details = info["details"]
    assert details["message"] == "second"
    assert [(one["typeName"], one["message"]) for one in details["innerException"]] == [("KeyError", "(cause) 'key'")]
    assert "The above exception was the direct cause" in details["stackTrace"]
    assert client.evaluate(details["evaluateName"] + ".args", client.top(thread)["id"]) == "('second',)"
    client.go(thread)
    client.end()


def test_exception_info_of_a_group(session, program):
    path = program(
        """
        class Mine(Exception):
            pass

        try:
            raise ExceptionGroup("many", [ValueError(1), Mine("two")])
        except* ValueError:
            pass
        except* Mine:
            pass
        """
    )
    client = session()
    client.launch(path, configured=False)
    client.request(
        "setExceptionBreakpoints", filters=[], filterOptions=[{"filterId": "raised", "condition": "ExceptionGroup"}]
    )
    client.request("configurationDone")
    thread = client.stopped("exception")["threadId"]
    details = client.request("exceptionInfo", threadId=thread)["details"]
    assert [(one["fullTypeName"], one["message"]) for one in details["innerException"]] == [
        ("ValueError", "(in group) 1"),
        ("__main__.Mine", "(in group) two"),
    ]
    client.request("setExceptionBreakpoints", filters=[])
    client.go(thread)
    client.end()


def test_exception_info_where_there_is_none(session, program):
    client = session()
    client.launch(program("x = 1\n"), stopOnEntry=True)
    thread = client.stopped("entry")["threadId"]
    assert "not stopped by an exception" in client.refused("exceptionInfo", threadId=thread)
    client.go(thread)
    client.end()
