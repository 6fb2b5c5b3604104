"""Every way to end: `exits.py KIND`."""

import atexit
import os
import sys
import threading
import time

kind = sys.argv[1] if len(sys.argv) > 1 else "end"  # @kind
atexit.register(print, "at exit")


def leave():
    match kind:  # @leave
        case "none":
            sys.exit()  # @none
        case "number":
            sys.exit(3)  # @number
        case "text":
            sys.exit("no more")  # @text
        case "true":
            sys.exit(True)  # @true
        case "big":
            sys.exit(259)  # @big
        case "raise":
            raise SystemExit(4)  # @system_exit
        case "error":
            raise ValueError("nobody catches this")  # @error
        case "interrupt":
            raise KeyboardInterrupt  # @interrupt
        case "os":
            os._exit(7)  # @os
        case "thread":
            threading.Thread(target=late).start()  # @thread
        case "quit":
            quit(5)  # @quit


def late():
    time.sleep(0.05)
    print("thread ended")  # @thread_end


leave()  # @main
print("end of the module")  # @last
