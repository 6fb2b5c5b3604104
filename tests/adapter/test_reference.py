"""docs/reference/dap.md is what the tables say, and the tables say what is served."""

from __future__ import annotations

import sys

import pytest

from lowdb.adapter.session import OWN
from lowdb.dap.reference import page
from lowdb.dap.registry import REQUESTS
from lowdb.wire.offers import ADAPTER_REQUESTS, CAPABILITIES
from tests.dap_schema import definitions
from tests.processes import ROOT

NEEDS = {
    "supportsConfigurationDoneRequest": "configurationDone",
    "supportsFunctionBreakpoints": "setFunctionBreakpoints",
    "supportsStepBack": "stepBack",
    "supportsSetVariable": "setVariable",
    "supportsRestartFrame": "restartFrame",
    "supportsGotoTargetsRequest": "gotoTargets",
    "supportsStepInTargetsRequest": "stepInTargets",
    "supportsCompletionsRequest": "completions",
    "supportsModulesRequest": "modules",
    "supportsRestartRequest": "restart",
    "supportsExceptionInfoRequest": "exceptionInfo",
    "supportsLoadedSourcesRequest": "loadedSources",
    "supportsTerminateThreadsRequest": "terminateThreads",
    "supportsSetExpression": "setExpression",
    "supportsTerminateRequest": "terminate",
    "supportsDataBreakpoints": "setDataBreakpoints",
    "supportsReadMemoryRequest": "readMemory",
    "supportsWriteMemoryRequest": "writeMemory",
    "supportsDisassembleRequest": "disassemble",
    "supportsCancelRequest": "cancel",
    "supportsBreakpointLocationsRequest": "breakpointLocations",
    "supportsInstructionBreakpoints": "setInstructionBreakpoints",
}


def test_the_reference_is_what_the_tables_say():
    text = (ROOT / "docs" / "reference" / "dap.md").read_text(encoding="utf-8")
    assert text == page(), f"stale: {sys.executable} -m lowdb.dap.reference > docs/reference/dap.md"


def test_the_adapters_own_requests_are_the_ones_in_the_table():
    assert OWN.keys() == ADAPTER_REQUESTS.keys()


@pytest.mark.parametrize(("capability", "command"), NEEDS.items())
def test_what_is_offered_is_served_and_what_is_served_is_offered(capability, command):
    refused = {"terminateThreads"}  # answered, with the reason why not
    assert capability in definitions()["Capabilities"]["properties"]
    served = command in {**REQUESTS, **OWN} and command not in refused
    assert bool(CAPABILITIES.get(capability)) == served
