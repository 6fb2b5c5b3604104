"""One debug session: answers what is the adapter's business, relays the rest, says how the program ended.

Every request is answered once; after `terminated` come answers only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lowdb.adapter.attached import Elsewhere, keep_stopped
from lowdb.adapter.births import Births, follows
from lowdb.adapter.child import Child, Launched
from lowdb.adapter.client import OURS, Client, short
from lowdb.adapter.ending import exit_code, said
from lowdb.adapter.joined import reach
from lowdb.adapter.launcher import CannotStart, start, words
from lowdb.adapter.remote import InTerminal
from lowdb.wire.frames import BadMessage, decode
from lowdb.wire.offers import CAPABILITIES, OTHERS, option
from lowdb.wire.options import check_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.adapter.loop import Loop, Timer

PATIENCE: Final = 2.0
"""Seconds that a program has from the KeyboardInterrupt of `terminate` to its end before it is killed."""

PARTING: Final = 2.0
"""Seconds that a debuggee has for letting its program go."""

_SEQ: Final = re.compile(rb'\{"seq":([0-9]+),')
_RESPONSE: Final = re.compile(rb'"type":"response","request_seq":([0-9]+),')


class Session:
    """What one client and one program (after `restart`, one after another) have to do with each other."""

    def __init__(self, loop: Loop, client: Client, over: Callable[[], None], token: str = "") -> None:
        self.loop: Final = loop
        self.client: Final = client
        self._token: Final = token
        """What launch or attach must give, where others can connect, too."""
        self._over: Final = over
        """Called when the session is over and the client has been told all."""
        client.stream.on_drained = self._flowing
        self._initialize: dict[str, Any] | None = None
        self._arguments: dict[str, Any] = {}
        """Of launch or attach."""
        self.child: Child | None = None
        self._asked = 0
        """The `seq` of runInTerminal."""
        self._births: Final = Births(client)
        self._starting: dict[str, Any] | None = None
        """The launch request, until the debuggee has spoken."""
        self._pending: dict[int, str] = {}
        """Requests that the debuggee is to answer."""
        self._at_end: list[Callable[[], None]] = []
        """What is to be done when the child is over, in order."""
        self._last = 0
        """The last `seq` of a debuggee's: the next one goes on from there."""
        self._restarting = False
        self._held: list[tuple[dict[str, Any], bytes]] = []
        """What came while the program was being restarted."""
        self._leaving = False
        """Whether the program is being left to itself."""
        self._timer: Timer | None = None

    def _slow_down(self) -> None:
        if self.client.stream.full and self.child is not None:
            self.child.pause(True)

    def _flowing(self) -> None:
        if self.child is not None:
            self.child.pause(False)

    def output(self, category: str, text: str) -> None:
        """The program has written text."""
        self.client.output(category, text)
        self._slow_down()

    # --- from the client --------------------------------------------------------------------------

    def from_client(self, body: bytes) -> None:
        """Take one message."""
        if self.client.log.on:
            self.client.log.write("->", body)
        try:
            message = decode(body)
        except BadMessage as error:
            self.client.complain(f"no message: {error}")
            return
        kind, seq = message.get("type"), message.get("seq")
        if kind == "response":
            self._response(message, body)
        elif kind != "request":
            self.client.complain(f"a message of type {short(kind)}")
        elif type(seq) is not int or not 0 <= seq < 1 << 53:
            self.client.complain(f"a request with the seq {short(seq)}")
        elif type(message.get("command")) is not str:
            self.client.refuse(
                {"seq": seq, "command": ""}, f"the command is {short(message.get('command'))}, not a string"
            )
        elif message.get("arguments") is not None and type(message["arguments"]) is not dict:
            self.client.refuse(message, f"the arguments of {message['command']!r} are not an object")
        else:
            self._request(message, body)

    def _response(self, message: dict[str, Any], body: bytes) -> None:
        answered = message.get("request_seq")
        if type(self.child) is InTerminal and answered == self._asked and message.get("success") is not True:
            self.child.fail(f"the editor did not start its terminal: {short(message.get('message'))}")
        elif type(answered) is int and self._births.answered(message):
            pass
        elif type(answered) is int and 0 < answered < OURS and self.child is not None:
            self.child.relay(body)

    def _request(self, request: dict[str, Any], body: bytes) -> None:
        command = request["command"]
        own = OWN.get(command)
        if own is not None:
            own(self, request)
        elif self._initialize is None:
            self.client.refuse(request, f"{command!r} came before 'initialize'")
        elif self._restarting:
            self._held.append((request, body))
        elif self.child is not None and self.child.connected and not self.client.terminated:
            self._pending[request["seq"]] = command
            self.child.relay(body)
        elif command == "threads":  # editors ask for them whatever happens, and show the error to the user
            self.client.answer(request, {"threads": []})
        elif command == "cancel":
            self.client.answer(request)
        elif self.child is not None or self.client.terminated:
            self.client.refuse(request, f"{command!r} cannot be done: the program has ended")
        else:
            self.client.refuse(request, f"{command!r} cannot be done: no program was launched")

    def _do_initialize(self, request: dict[str, Any]) -> None:
        if self._initialize is not None:
            self.client.refuse(request, "'initialize' came for the second time")
            return
        self._initialize = request.get("arguments") or {}
        self.client.answer(request, CAPABILITIES)

    def _do_launch(self, request: dict[str, Any]) -> None:
        command = request["command"]
        if self._initialize is None:
            self.client.refuse(request, f"{command!r} came before 'initialize'")
            return
        if self.child is not None or self.client.terminated:
            self.client.refuse(request, f"{command!r} came for the second time")
            return
        arguments = request.get("arguments") or {}
        problem = check_options(command, arguments)
        if self._token and arguments.get("token") != self._token:
            problem = f"{command}: option 'token' is not the one that `lowdb --dap --listen` has shown"
        if problem is None and arguments.get("logFile") is not None:
            problem = self.client.log.open(arguments["logFile"])
        if problem is None:
            self._arguments = arguments
            if strange := sorted(OTHERS & arguments.keys()):
                self.client.output("console", f"lowdb: without a meaning here: {', '.join(strange)}\n")
            problem = self._start(request)
        if problem is not None:
            self.client.refuse(request, problem, show=True)

    def _start(self, request: dict[str, Any] | None) -> str | None:
        """Start the program, or reach one that runs; what went wrong, None where nothing did."""
        assert self._initialize is not None
        arguments = self._arguments
        try:
            arguments = {**arguments, "args": words(option(arguments, "args"))}
            self.child = reach(self.loop, self, arguments)
            if self.child is not None:
                pass
            elif option(arguments, "console") == "internalConsole":
                self.child = Launched(self.loop, self, start(arguments, follow=follows(self._initialize, arguments)))
            elif self._initialize.get("supportsRunInTerminalRequest") is not True:
                return "launch: option 'console': this editor offers no terminal; only 'internalConsole' can be used"
            else:
                self.child = InTerminal(self.loop, self, arguments)
                self.client.send({"type": "request", "command": "runInTerminal", "arguments": self.child.request})
                self._asked = self.client.seq
        except CannotStart as error:
            return str(error)
        self._starting = request
        hello = {"type": "hello", "initialize": self._initialize, "launch": arguments, "seq": self._last}
        self.child.send({**hello, "end": "run" if self._attached else "kill"})
        return None

    def born(self, child: dict[str, Any]) -> None:
        """A child process of the program waits for a session."""
        assert self._initialize is not None
        kind = self._arguments.get("type") or self._initialize.get("adapterID") or "lowdb"
        self._births.offer(child, str(kind), self._arguments)

    @property
    def _attached(self) -> bool:
        """Whether the program ran before there was a session, and is to run after it."""
        return isinstance(self.child, Elsewhere)

    def _do_disconnect(self, request: dict[str, Any]) -> None:
        arguments = request.get("arguments") or {}
        wish = arguments.get("terminateDebuggee")
        if arguments.get("suspendDebuggee") is True and wish is not True and (problem := keep_stopped(self.child)):
            self.client.refuse(request, problem)
            return
        self._at_end += [lambda: self.client.answer(request), self._over]
        self.end(kill=wish is True or (wish is not False and not self._attached))

    def end(self, *, kill: bool) -> None:
        """End the program, or let it go; then do what waits for it."""
        child = self.child
        if child is None or child.ended:
            self._finish()
        elif kill:
            child.kill()
        else:
            self._leaving = True
            child.leave()
            self.loop.after(PARTING, self._finish)

    def let_go(self) -> None:
        """The debuggee speaks no more: the program is at its end, or runs on without a debugger."""
        self._answer_rest()
        if self._leaving:
            self._finish()

    def gone(self, over: Callable[[], None], token: str = "") -> None:
        """The client went without a word."""
        if over not in self._at_end:
            self._at_end.append(over)
        self.end(kill=not self._attached)

    def _do_terminate(self, request: dict[str, Any]) -> None:
        child = self.child
        if child is None or child.ended:
            self.client.answer(request)
            return
        self._at_end.append(lambda: self.client.answer(request))
        if self._timer is not None:  # asked again: the user does not want to wait
            child.kill()
            return
        child.send({"type": "terminate"})
        self._timer = self.loop.after(PATIENCE, child.kill)

    def _do_restart(self, request: dict[str, Any]) -> None:
        child = self.child
        if child is None or self.client.terminated:
            self.client.refuse(request, "'restart' cannot be done: no program is running")
            return
        if self._attached:
            self.client.refuse(request, "'restart' cannot be done: lowdb did not start this program")
            return
        wanted = (request.get("arguments") or {}).get("arguments")
        if wanted is not None:
            problem = check_options("launch", wanted)
            if problem is not None:
                self.client.refuse(request, problem, show=True)
                return
            self._arguments = wanted
        if self._restarting:
            self.client.refuse(request, "'restart' is being done")
            return

        def anew() -> None:
            self._restarting = False
            problem = self._start(None)
            if problem is None:
                self.client.answer(request)
            else:
                self.client.refuse(request, problem, show=True)
                self._finish()
            held, self._held = self._held, []
            for message, body in held:
                self._request(message, body)

        self._restarting = True
        self._at_end.append(anew)
        child.kill()

    # --- from the debuggee ------------------------------------------------------------------------

    def from_child(self, body: bytes) -> None:
        """Relay a message, or do what it asks of the adapter."""
        number = _SEQ.match(body)
        if number is None:
            return  # not for the client
        self._last = int(number[1])
        found = _RESPONSE.match(body, number.end())
        if found is not None and self._pending.pop(int(found[1]), None) is None:
            return  # it was answered when the debuggee was given up
        if self._starting is not None:
            request, self._starting = self._starting, None
            self.client.answer(request)
        if not self.client.terminated:
            self.client.write(body)
            self._slow_down()

    def child_ended(self) -> None:
        """The program is over: say how, answer what was left open, then what waited for it."""
        child = self.child
        assert child is not None
        if self._starting is not None:
            # there was no program, and there can be another one
            request, self._starting, self.child = self._starting, None, None
            self.client.refuse(request, child.why_not(self._arguments), show=True)
            self._answer_rest()
            self._do_waiting()
            return
        self._answer_rest()
        if self._restarting:
            self._do_waiting()
            return
        if not self.client.terminated and child.status is not None:
            self.client.output("console", said(child.status))
            self.client.event("exited", {"exitCode": exit_code(child.status)})
        self._finish()

    def _answer_rest(self) -> None:
        for seq, command in list(self._pending.items()):
            self.client.refuse({"seq": seq, "command": command}, f"{command!r} was not done: the program has ended")
        self._pending.clear()

    def _finish(self) -> None:
        """Tell the client that it is over, and do what waited for that."""
        self._answer_rest()
        if self._initialize is not None:
            self.client.event("terminated")
        self.client.terminated = True
        self._do_waiting()

    def _do_waiting(self) -> None:
        waiting, self._at_end = self._at_end, []
        for act in waiting:
            act()


OWN: Final[dict[str, Callable[[Session, dict[str, Any]], None]]] = {
    "initialize": Session._do_initialize,
    "launch": Session._do_launch,
    "attach": Session._do_launch,
    "disconnect": Session._do_disconnect,
    "terminate": Session._do_terminate,
    "restart": Session._do_restart,
}
"""The requests that the adapter answers itself; all others are the debuggee's."""
