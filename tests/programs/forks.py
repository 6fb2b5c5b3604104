"""Forks a child that runs the same code; prints what came of both."""

import os
import sys


def work(n):
    value = n * n  # @work
    return value  # @work_return


def fork():
    sys.stdout.flush()  # @fork
    pid = os.fork()  # @forking
    if pid == 0:  # @child_or_parent
        os._exit(work(3))  # @child
    _, status = os.waitpid(pid, 0)  # @parent
    return os.waitstatus_to_exitcode(status)  # @parent_return


a = work(2)  # @main
b = fork()  # @do_fork
c = work(4)  # @after
print(a, b, c)  # @last
