"""Launch and attach options: what is wrong is said, and names the option."""

from __future__ import annotations

import pytest

from lowdb.wire.offers import CAPABILITIES, OPTIONS, option
from lowdb.wire.options import check_options
from tests.dap_schema import validate


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, "launch: which program? give one of 'program', 'module', 'code'"),
        ({"program": "a.py", "module": "b"}, "launch: 'program' and 'module' exclude each other"),
        ({"program": ""}, "launch: option 'program' is empty"),
        ({"program": 3}, "launch: option 'program' must be a string, not 3"),
        ({"program": "a\0b"}, "launch: option 'program' must be a string, not 'a\\x00b'"),
        ({"program": "a", "stop_on_entry": True}, "launch: no option 'stop_on_entry' (did you mean 'stopOnEntry'?)"),
        ({"program": "a", "stopOnEntry": 1}, "launch: option 'stopOnEntry' must be true or false, not 1"),
        ({"program": "a", "frobnicate": 1}, "launch: no option 'frobnicate'"),
        ({"program": "a", "args": [1]}, "launch: option 'args' must be a string or a list of strings, not [1]"),
        (
            {"program": "a", "env": {"A": 1}},
            "launch: option 'env' must be an object of strings, null for a variable to be removed, not {'A': 1}",
        ),
        ({"program": "a", "connect": {"port": 1}}, "launch: no option 'connect'; it is one of attach"),
        (
            {"program": "a", "console": "none"},
            (
                "launch: option 'console' must be one of "
                "'internalConsole', 'integratedTerminal', 'externalTerminal', not 'none'"
            ),
        ),
        ([], "launch: the arguments are not an object"),
    ],
)
def test_a_wrong_option_is_named(arguments, complaint):
    assert check_options("launch", arguments) == complaint


@pytest.mark.parametrize(
    "arguments",
    [
        {"program": "a.py"},
        {"module": "pytest", "args": ["-x"], "cwd": "/", "env": {"A": "b", "C": None}},
        {"code": ["a = 1", "print(a)"], "python": ["/usr/bin/env", "python3"], "justMyCode": False},
        {"program": "a.py", "name": "of the editor", "type": "lowdb", "request": "launch", "__sessionId": "x"},
        {"program": "a.py", "args": None, "cwd": None},
    ],
)
def test_right_options_are_taken(arguments):
    assert check_options("launch", arguments) is None


def test_every_option_has_a_default_of_its_own_kind_and_says_what_it_is_for():
    for name, known in OPTIONS.items():
        assert known.text.endswith("."), name
        if known.default is not None and "launch" in known.requests:
            assert check_options("launch", {"program": "a", name: known.default}) is None
        assert option({}, name) == known.default
        assert option({name: None}, name) == known.default


def test_what_is_offered_is_spelt_as_the_protocol_spells_it():
    validate("Capabilities", CAPABILITIES)
