"""Blocks in C: `blocking.py sleep|lock|loop|input|join`; says when it begins."""

import sys
import threading
import time


def sleep():
    time.sleep(30)  # @sleep


def lock():
    gate = threading.Lock()
    gate.acquire()
    gate.acquire(timeout=30)  # @lock


def loop():
    n = 0
    while not stop:  # @loop
        n += 1  # @count
    return n


def read():
    return sys.stdin.read()  # @read


def join():
    thread = threading.Thread(target=sleep, daemon=True)
    thread.start()
    thread.join(30)  # @join


stop = False
kind = sys.argv[1] if len(sys.argv) > 1 else "sleep"
print("blocking", flush=True)  # @begin
{"sleep": sleep, "lock": lock, "loop": loop, "input": read, "join": join}[kind]()  # @main
print("went on")  # @last
