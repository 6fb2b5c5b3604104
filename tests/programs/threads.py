"""Threads: workers with names, a lock, an exception that ends one."""

import sys
import threading

lock = threading.Lock()
results = []
go = threading.Event()


def square(n):
    product = n * n  # @square
    return product  # @square_return


def work(name, count):
    for n in range(count):  # @work
        value = square(n)  # @call
        with lock:  # @lock
            results.append((name, value))  # @append
    return None  # @work_return


def fail():
    go.wait()  # @wait
    raise RuntimeError("in a thread")  # @raise


def quiet(args):
    results.append((args.thread.name, str(args.exc_value)))  # @hook


def main():
    threads = [threading.Thread(target=work, args=(f"w{k}", 3), name=f"worker-{k}") for k in (1, 2)]  # @main
    for thread in threads:  # @start
        thread.start()  # @started
    for thread in threads:  # @join
        thread.join()  # @joined
    if "fail" in sys.argv:  # @argv
        failing = threading.Thread(target=fail, name="failing")  # @failing
        failing.start()  # @failing_start
        go.set()  # @set
        failing.join()  # @failing_join
    return sorted(results)  # @main_return


if "hook" in sys.argv:
    threading.excepthook = quiet
print(main())  # @last
