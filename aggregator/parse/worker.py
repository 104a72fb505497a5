"""What runs in the processes that parse: the nursery, which workers are forked from, and the workers.

The nursery has imported what parsing needs and only forks, so a fresh worker is there in a millisecond, and what was
imported lies in memory once. It has no threads, so its children are sound; it was started anew, so nothing of the
daemon is in them. It ends, and every worker with it, as soon as the daemon is gone.

    to the nursery: FORK and a socket -> the pid of a worker that serves it; a pid -> how that worker ended (wait(2))
    to a worker: its length and a pickled call -> the length of what it gave, and that, pickled
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import resource
import signal
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from aggregator.parse.border import open_border

NUMBER: Final = struct.Struct('!q')
FORK: Final = 0  # is nobody's pid
_PIECE: Final = 1 << 20


def main(control_fd: int, module: str, memory_bytes: int) -> None:
    """The nursery. Workers may grow by so many bytes beyond what it takes itself."""
    importlib.import_module(module)
    open_border()
    gc.collect()
    gc.freeze()  # else a collection in a worker writes to every page that all of them share
    with socket.socket(fileno=control_fd) as control:
        _serve(control, memory_bytes)


def _serve(control: socket.socket, memory_bytes: int) -> None:
    workers: set[int] = set()
    with suppress(ConnectionError):  # the daemon may be gone at any moment
        while (asked := socket.recv_fds(control, NUMBER.size, 1))[0]:
            (what,) = NUMBER.unpack(asked[0])
            if what == FORK:
                workers.add(answer := _forked(asked[1][0], control, memory_bytes))
            else:
                answer = os.waitpid(what, 0)[1]
                workers.remove(what)
            control.sendall(NUMBER.pack(answer))
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _forked(fd: int, control: socket.socket, memory_bytes: int) -> int:
    pid = os.fork()
    if not pid:
        code = 1
        with suppress(BaseException):
            control.close()
            _limit(memory_bytes)
            _work(socket.socket(fileno=fd))
            code = 0
        os._exit(code)
    os.close(fd)
    return pid


def _limit(memory_bytes: int) -> None:
    limit = _own_size() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _own_size() -> int:
    """Bytes of address space in use: RLIMIT_AS counts what the interpreter and its libraries take as well."""
    try:
        pages = int(Path('/proc/self/statm').read_text(encoding='ascii').split()[0])
    except (OSError, ValueError):
        return 1 << 30  # no Linux; a guess on the safe side
    return pages * resource.getpagesize()


def _work(work: socket.socket) -> None:
    with suppress(EOFError):
        while True:
            send(work, _answer(received(work)))  # nothing of a document stays while it waits for the next


def _answer(asked: bytearray) -> bytes:
    return pickle.dumps(pickle.loads(asked)())  # noqa: S301  # the daemon's call


def send(work: socket.socket, message: bytes) -> None:
    work.sendall(NUMBER.pack(len(message)) + message)


def received(work: socket.socket, before_each: Callable[[], None] = lambda: None) -> bytearray:
    """A whole message; `before_each` is called before each piece. Raises EOFError where the other end is gone."""
    (size,) = NUMBER.unpack(_exactly(work, NUMBER.size, before_each))
    return _exactly(work, size, before_each)


def _exactly(work: socket.socket, size: int, before_each: Callable[[], None]) -> bytearray:
    got = bytearray()
    while len(got) < size:
        before_each()
        piece = work.recv(min(size - len(got), _PIECE))
        if not piece:
            raise EOFError
        got += piece
    return got
