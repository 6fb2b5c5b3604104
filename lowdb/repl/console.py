"""The screen and keyboard as the REPL knows them, and their plain form on two text streams.

The streams may be the program's own: it may close, detach or replace them at any time, and nothing here raises for it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple, Protocol, TextIO

from lowdb.repl.plain import PlainText, marks_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from lowdb.repl.blocks import Block, TreeView


class Completion(NamedTuple):
    """One way to go on with what is typed."""

    text: str
    """What takes the place of the typed text from `start` to the cursor."""
    start: int
    """0-based column in the whole entry where it begins."""
    about: str = ""
    """A few words shown beside it: the help of a command, the type of a name, the source of a line."""


class Completions(NamedTuple):
    """The answer to Tab."""

    items: tuple[Completion, ...] = ()
    note: str = ""
    """What was left out, and why ("300 of 1,200: type more"); or ""."""
    more: str = ""
    """Whose code would have to run to know more ("DataFrame"): `full` does; or ""."""


class Assistant(Protocol):
    """What a screen may ask while a line is typed at a stop.

    `complete` is called in the stopped thread, the others from any. None raises (but `edit`), none runs code of the
    program's (`complete(full=True)` alone may), each answers in a fraction of a second.
    """

    def complete(self, text: str, cursor: int, full: bool = False) -> Completions:
        """How the entry `text` can go on at the 0-based `cursor`; with `full` also what needs the program's code.

        That code may print and take long: `full` may raise KeyboardInterrupt.
        """

    def parts(self, entry: str) -> list[str]:
        """The commands and pieces of Python of an entry of several lines, in their order."""

    def hint(self, text: str) -> str:
        """What Enter will do, dimly shown behind the text ("next command  (variable: p n)"), or ""."""

    def unfinished(self, text: str) -> str | None:
        """The indentation of the next line where Enter begins one, None where Enter ends the entry."""

    def toolbar(self) -> tuple[str, ...]:
        """The parts of the line at the bottom, the most important first; the screen cuts from the right."""

    def edit(self, text: str) -> str:
        """The text as the person leaves it in an editor of their own, which has the terminal meanwhile.

        Raises an exception whose text says why there is none. Takes as long as the person.
        """

    def history(self) -> tuple[str, ...]:
        """The entries of this and earlier sessions, the oldest first."""

    def key(self, name: str) -> str | None:
        """The line that a key stands for ("f10" -> "n"), as if it were typed; None where it has no meaning."""


class Explorer(Protocol):
    """A tree of values as a screen opens it node by node. Neither runs code of the program's; any thread may call."""

    def view(self) -> TreeView:
        """The tree as it is now."""

    def toggle(self, number: int, /) -> str | None:
        """Open a node or close it; why that was not possible, None where it was. Raises KeyError."""


class Choices(Protocol):
    """The settings as a screen reads them."""

    def __getitem__(self, name: str, /) -> bool | int | str:
        """The value of a setting."""


class Interrupted(BaseException):
    """A signal handler raised `cause` while the person was asked (SystemExit, say) or while another process had the
    screen (KeyboardInterrupt, too): it is the program's.
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__()
        self.cause = cause


class NoThread(Exception):
    """No thread can be started any more: the interpreter is ending."""


class Libraries(Protocol):
    """Installed libraries, whatever the program has by their names: `with libraries:` around all that uses them."""

    def importing(self) -> AbstractContextManager[None]:
        """Around the first import of each."""

    def __enter__(self) -> None: ...

    def __exit__(self, *exc: object) -> None: ...


class Host(Protocol):
    """What a screen needs of the process that it is in."""

    @property
    def libraries(self) -> Libraries:
        """What the screen is made of, besides lowdb."""

    def own_thread(self, ident: int, lives: bool) -> None:
        """The thread is lowdb's (or no longer is): it is never held, never stopped, never listed."""

    def interrupt(self, ident: int) -> None:
        """Raise KeyboardInterrupt in a thread that is stopped and runs something of lowdb's."""


class Console(Protocol):
    """All that the REPL knows of a screen."""

    def enter(self) -> bool:
        """A stop begins: the screen is this process's until `leave`; calls nest. False where nobody can be asked.

        Waits while another process has it. Raises Interrupted then, and nothing was entered.
        """

    def leave(self) -> None:
        """The stop is over: everything shown is to be seen, and nothing of the screen is held any more."""

    @property
    def shared(self) -> bool:
        """Whether another process talks on this screen, too, so that a prompt has to say whose it is."""

    @property
    def marks_interrupt(self) -> bool:
        """Whether Ctrl-C at a prompt leaves a ^C in its line, so that what comes next has to begin a new one."""

    def read(self, prompt: str, assistant: Assistant | None = None) -> str:
        """One entry without its last newline: a line, or several where `assistant` says that they belong together.

        Raises EOFError at the end of input, KeyboardInterrupt for Ctrl-C, Interrupted. Without an assistant it is the
        answer to a question: no completion, no history.
        """

    def show(self, block: Block) -> None:
        """Show `block`, at the latest with the next `read` or `flush`. Never raises for what the screen does."""

    def flush(self) -> None:
        """Everything shown so far is to be seen now: the program is about to run."""

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked a question."""


class PlainConsole:
    """`(lowdb) ` and lines of text. What is shown goes out in one write with the prompt that follows it."""

    def __init__(self, reader: TextIO | None = None, writer: TextIO | None = None) -> None:
        self._reader = reader if reader is not None else sys.stdin
        self._writer = writer if writer is not None else sys.stdout
        self._input_fd = _fileno(self._reader)
        self._output_fd = _fileno(self._writer)
        self._pending: list[str] = []
        self._text = PlainText(marks_for(getattr(self._writer, "encoding", None)))
        self._gone = False  # nobody reads what we write
        self.shared = False
        """Nobody knows of others."""
        self.marks_interrupt = True
        """The terminal, or who reads the output of a pipe, has the prompt alone in its line."""

    def enter(self) -> bool:
        """Nothing is to be done."""
        return True

    def leave(self) -> None:
        """Write what is pending."""
        self.flush()

    @property
    def interactive(self) -> bool:
        """Whether the input is a terminal."""
        try:
            return bool(self._reader.isatty())
        except (AttributeError, ValueError, OSError):
            return False

    def read(self, prompt: str, assistant: Assistant | None = None) -> str:
        """One line of the input without its newline. Raises EOFError, KeyboardInterrupt."""
        self._pending.append(prompt)
        self.flush()
        if self._gone:
            raise EOFError
        try:
            line = self._reader.readline()
        except UnicodeDecodeError as error:
            raise EOFError(f"the commands are not {error.encoding}: {error.reason}") from None
        except RuntimeError:
            # Ctrl-C stopped the program inside a read of this very stream: the buffer is locked, the descriptor is not.
            line = self._read_unbuffered()
        except (ValueError, OSError, AttributeError, TypeError):
            line = self._read_elsewhere()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")

    def show(self, block: Block) -> None:
        """Keep the block's text for the next write."""
        self._pending.append(self._text.render(block))

    def flush(self) -> None:
        """Write what is pending, once; what cannot be written anywhere is dropped."""
        if not self._pending:
            return
        text = "".join(self._pending)
        self._pending.clear()
        writer = self._writer
        try:
            writer.write(text)
            writer.flush()
        except UnicodeEncodeError as error:
            self._write_escaped(text, error.encoding)
        except BrokenPipeError:
            self._broken()
        except (ValueError, OSError, AttributeError, TypeError, RuntimeError):
            self._write_elsewhere(text)

    def _write_escaped(self, text: str, encoding: str) -> None:
        try:
            self._writer.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._writer.flush()
        except BrokenPipeError:
            self._broken()
        except (ValueError, OSError, LookupError):
            self._gone = True

    def _broken(self) -> None:
        """The reader of our output is gone: say nothing more.

        What is left in the stream's buffer stays: the program that goes on writing meets its own BrokenPipeError,
        as it would without lowdb.
        """
        self._gone = True

    def _write_elsewhere(self, text: str) -> None:
        """Our stream was closed or detached: what took its place, else standard error.

        Never the bare descriptor: its number may belong to a file of the program's by now.
        """
        for stream in (sys.stdout, sys.stderr, sys.__stderr__):
            if stream is None or stream is self._writer or _fileno(stream) not in (self._output_fd, 2):
                continue
            try:
                stream.write(text)
                stream.flush()
            except UnicodeError:
                stream.write(ascii(text)[1:-1].replace("\\n", "\n"))
                stream.flush()
                return
            except (ValueError, OSError, AttributeError, TypeError, RuntimeError):
                continue
            return
        self._gone = True

    def _read_unbuffered(self) -> str:
        line = b""
        while self._input_fd is not None and not line.endswith(b"\n"):
            try:
                byte = os.read(self._input_fd, 1)  # not one byte of what follows: that is the program's
            except OSError:
                break
            if not byte:
                break
            line += byte
        return line.decode("utf-8", "replace")

    def _read_elsewhere(self) -> str:
        for stream in (sys.stdin, sys.__stdin__):
            if stream is None or stream is self._reader or self._input_fd is None:
                continue
            if _fileno(stream) != self._input_fd:
                continue
            try:
                return str(stream.readline())
            except (ValueError, OSError, AttributeError, TypeError, RuntimeError):
                continue
        return ""


def _fileno(stream: object) -> int | None:
    """The stream's descriptor where it has one that is open, else None."""
    try:
        number = stream.fileno()  # type: ignore[attr-defined]
        os.fstat(number)
    except (ValueError, OSError, AttributeError, TypeError, RuntimeError):
        return None
    return number if type(number) is int else None


def surely[T](act: Callable[[], T]) -> T:
    """What `act` returns; it is begun anew where Ctrl-C comes in the middle, so it has to bear that."""
    while True:
        try:
            return act()
        except KeyboardInterrupt:
            continue
