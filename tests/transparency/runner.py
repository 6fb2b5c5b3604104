"""The program that is debugged: runs modules of unittest tests and writes how each single test ended, as JSON.

    runner.py RESULT MODULE…

At its end it calls breakpoint(): bare that is nothing (PYTHONBREAKPOINT=0), under lowdb the counts are shown there.
"""

import json
import os
import signal
import sys
import unittest

# Ctrl-C belongs to lowdb while it debugs (the one handler that it sets, and says so). A program that wants its own
# takes it, as this one does: CPython's tests raise SIGINT and look for KeyboardInterrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Record(unittest.TestResult):
    """Every outcome in the order in which it came: the test's id, how it ended, the exception's type or the reason."""

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.outcomes = []

    def note(self, test, how, why=""):
        self.outcomes.append((test.id(), how, why))

    def addSuccess(self, test):
        self.note(test, "passed")

    def addError(self, test, err):
        self.note(test, "error", err[0].__name__)

    def addFailure(self, test, err):
        self.note(test, "failed", err[0].__name__)

    def addSkip(self, test, reason):
        self.note(test, "skipped", reason)

    def addExpectedFailure(self, test, err):
        self.note(test, "expected failure", err[0].__name__)

    def addUnexpectedSuccess(self, test):
        self.note(test, "unexpected success")

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.note(subtest, "failed in part", err[0].__name__)


class Runner:
    """As unittest.TextTestRunner, saying nothing."""

    def __init__(self, **keywords):
        pass

    def run(self, tests):
        record = Record()
        record.startTestRun()
        tests(record)
        record.stopTestRun()
        return record


if __name__ == "__main__":  # children that multiprocessing spawns read this file, too
    result, *modules = sys.argv[1:]
    # CPython's own tests skip what may last long or take much memory unless regrtest has asked for it
    import test.support

    test.support.verbose = False
    program = unittest.main(module=None, argv=["unittest", *modules], testRunner=Runner, exit=False)
    holder = sys.monitoring.get_tool(sys.monitoring.DEBUGGER_ID)
    with open(result + ".part", "w") as file:
        json.dump({"outcomes": program.result.outcomes, "holder": holder}, file)
    os.replace(result + ".part", result)
    breakpoint()
