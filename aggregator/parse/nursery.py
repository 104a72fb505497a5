"""The daemon's end of the processes that parse: workers are had from the nursery, asked, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, suppress
from typing import Final

from aggregator import interpreter
from aggregator.parse.worker import FORK, NUMBER, received, send

_START: Final = """
import sys
from aggregator.parse.worker import main
main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
"""
_START_S: Final = 60.0  # until it has imported everything, on a machine that swaps
_END_S: Final = 5.0


class Nursery:
    """The process that workers are forked from. For one thread at a time; raises OSError where it cannot be had."""

    def __init__(self, module: str, memory_bytes: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs, ExitStack() as undo:
            undo.callback(ours.close)
            self._process = _started(theirs.fileno(), module, memory_bytes)
            undo.pop_all()
        self._control = ours
        self._control.settimeout(_START_S)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def worker(self) -> Worker:
        """A fresh one."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                return Worker(ours, self._asked(FORK, theirs))
            except BaseException:
                ours.close()
                raise

    def end(self, worker: Worker) -> int | None:
        """Kills it where it has not ended by itself. Its exit code; None where this process is gone as well."""
        worker.kill()
        try:
            return os.waitstatus_to_exitcode(self._asked(worker.pid))
        except OSError:
            return None

    def close(self) -> None:
        """Ends it with all its workers, whatever they do."""
        self._control.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _asked(self, what: int, *sockets: socket.socket) -> int:
        socket.send_fds(self._control, [NUMBER.pack(what)], [one.fileno() for one in sockets])
        answer = self._control.recv(NUMBER.size, socket.MSG_WAITALL)
        if len(answer) < NUMBER.size:
            raise ConnectionResetError('the process that they come from has ended')
        (number,) = NUMBER.unpack(answer)
        return int(number)


def _started(control_fd: int, module: str, memory_bytes: int) -> subprocess.Popen[bytes]:
    """In a group of its own, for Ctrl-C is ours to answer."""
    return subprocess.Popen(  # noqa: S603  # every word is ours
        interpreter.command(_START, str(control_fd), module, str(memory_bytes)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[control_fd],
        process_group=0,
        env=interpreter.environment(),
    )


class Worker:
    """A process that parses. For one thread at a time."""

    def __init__(self, work: socket.socket, pid: int) -> None:
        self.pid = pid
        self.asked = 0  # times
        self._work = work

    def ask(self, call: bytes, timeout_s: float) -> bytearray:
        """What the pickled call gave, pickled. Raises TimeoutError, and EOFError where the worker ended."""
        end_s = time.monotonic() + timeout_s
        self.asked += 1
        try:
            self._work.settimeout(timeout_s)
            send(self._work, call)
            return received(self._work, lambda: self._work.settimeout(max(0.001, end_s - time.monotonic())))
        except ConnectionError as error:
            raise EOFError from error

    def is_alive(self) -> bool:
        """False where it ended since it was last asked."""
        self._work.settimeout(0)
        try:
            return bool(self._work.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def kill(self) -> None:
        """No other process has its number: the nursery did not wait for it yet."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        self._work.close()
