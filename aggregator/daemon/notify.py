"""Telling the service manager how we are: the protocol of sd_notify(3), a datagram to the socket it names.

Without NOTIFY_SOCKET all of it is silent, and it never raises: nobody's news depend on it.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping

_LONGEST = 200  # characters of a status line
_DIGITS = 19  # of a number of microseconds in 64 bits


class Notifier:
    """`socket_name` is NOTIFY_SOCKET: a path, or '@' and a name in Linux's abstract namespace; '' is nobody."""

    def __init__(self, socket_name: str, watchdog_s: float = 0.0) -> None:
        self._address = f'\0{socket_name[1:]}' if socket_name.startswith('@') else socket_name
        self._watchdog_s = watchdog_s

    @classmethod
    def of(cls, environment: Mapping[str, str], pid: int) -> Notifier:
        """By NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID (sd_watchdog_enabled(3))."""
        name = environment.get('NOTIFY_SOCKET', '')
        meant = environment.get('WATCHDOG_PID', '') in ('', str(pid))
        digits = environment.get('WATCHDOG_USEC', '')
        microseconds = int(digits) if meant and digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS else 0
        return cls(name if name.startswith(('/', '@')) else '', microseconds / 1_000_000)

    @property
    def beat_s(self) -> float:
        """Seconds between two signs of life, half of what the watchdog allows; 0 where nobody watches."""
        return self._watchdog_s / 2 if self._address else 0.0

    def ready(self, status: str) -> bool:
        return self._send('READY=1', f'STATUS={_one_line(status)}')

    def status(self, text: str) -> bool:
        """One line that `systemctl status` shows."""
        return self._send(f'STATUS={_one_line(text)}')

    def alive(self, status: str = '') -> bool:
        return self._send('WATCHDOG=1', *([f'STATUS={_one_line(status)}'] if status else []))

    def stopping(self) -> bool:
        return self._send('STOPPING=1', 'STATUS=stopping')

    def _send(self, *lines: str) -> bool:
        """Whether it was sent. The socket is not waited for: a manager that is busy is told the next time."""
        if not self._address:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaker:
                speaker.setblocking(False)
                speaker.sendto('\n'.join(lines).encode('utf-8', 'replace'), self._address)
        except (OSError, ValueError):  # ValueError: a path with a zero byte
            return False
        return True


class Heartbeat:
    """Signs of life while the ticks advance: a scheduler that stands still lets the watchdog bite.

    `progress` gives whatever changes with every tick, `status` a line about how things stand.
    """

    def __init__(self, notifier: Notifier, progress: Callable[[], object], status: Callable[[], str]) -> None:
        self._notifier = notifier
        self._progress = progress
        self._status = status
        self._seen: object = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name='heartbeat', daemon=True)

    def start(self) -> None:
        if self._notifier.beat_s:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def beat(self) -> bool:
        """One sign of life, where something has moved since the last one."""
        now = self._progress()
        if now is None or now == self._seen:
            return False
        self._seen = now
        return self._notifier.alive(self._status())

    def _run(self) -> None:
        while not self._stopping.wait(self._notifier.beat_s):
            self.beat()


def from_environment() -> Notifier:
    return Notifier.of(os.environ, os.getpid())


def _one_line(text: str) -> str:
    return ' '.join(text.split())[:_LONGEST]
