"""A network in which every address of the internet leads to this machine, and what is sent there is counted.

For bench/trap.py. Needs Linux with user namespaces; nothing leaves the machine, for there is no other interface.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
import subprocess
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path

PUBLIC = ('8.8.8.8', '2606:4700::1111')  # where our publishers are
NAME_SERVER = '9.9.9.9'
_NEW_NS, _NEW_NET, _NEW_USER = 0x00020000, 0x40000000, 0x10000000
_A, _AAAA, _SYN, _ACK = 1, 28, 0x02, 0x10


def enter() -> None:
    """This process and its children see the network of the trap from now on. OSError where that cannot be had."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_USER | _NEW_NET | _NEW_NS):
        raise OSError(ctypes.get_errno(), 'no user namespace can be made here')
    for name, text in (('setgroups', 'deny'), ('uid_map', f'0 {user} 1'), ('gid_map', f'0 {group} 1')):
        with Path(f'/proc/self/{name}').open('w') as file:
            file.write(text)
    commands = ('link set lo up', 'route add local 0.0.0.0/0 dev lo', '-6 route add local ::/0 dev lo')
    for command in commands:
        subprocess.run(['ip', *command.split()], check=True)
    with tempfile.NamedTemporaryFile('w', delete=False) as file:
        file.write(f'nameserver {NAME_SERVER}\noptions timeout:2 attempts:1\n')
    subprocess.run(['mount', '--bind', file.name, os.path.realpath('/etc/resolv.conf')], check=True)


class Sniffer(threading.Thread):
    """Every packet that begins something: a SYN, or a datagram that is no question to the name server nor its answer."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.sent: Counter[str] = Counter()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self._socket.bind(('lo', 0))

    def run(self) -> None:
        while True:
            packet, where = self._socket.recvfrom(65536)
            if where[2] == socket.PACKET_OUTGOING:  # loopback shows each twice
                continue
            with contextlib.suppress(IndexError, struct.error):
                self._count(packet[14:])

    def _count(self, packet: bytes) -> None:
        if packet[0] >> 4 == 4:
            protocol, to, rest = (
                packet[9],
                socket.inet_ntop(socket.AF_INET, packet[16:20]),
                packet[(packet[0] & 15) * 4 :],
            )
        else:
            protocol, to, rest = packet[6], socket.inet_ntop(socket.AF_INET6, packet[24:40]), packet[40:]
        if protocol == socket.IPPROTO_TCP and rest[13] & (_SYN | _ACK) == _SYN:
            self.sent[to] += 1
        if protocol == socket.IPPROTO_UDP and 53 not in struct.unpack('!HH', rest[:4]):
            self.sent[to] += 1

    @property
    def trapped(self) -> dict[str, int]:
        """By address, what went to none of our publishers."""
        return {to: n for to, n in self.sent.items() if to not in PUBLIC}


class NameServer(threading.Thread):
    """Answers from a table; a name with several answers gives one after the other and stays at the last."""

    def __init__(self, names: Mapping[str, Sequence[Sequence[str]]]) -> None:
        super().__init__(daemon=True)
        self.names = names
        self.asked: dict[tuple[str, int], int] = defaultdict(int)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((NAME_SERVER, 53))

    def run(self) -> None:
        while True:
            question, who = self._socket.recvfrom(4096)
            with contextlib.suppress(IndexError, UnicodeError):
                self._socket.sendto(self._answer(question), who)

    def _answer(self, question: bytes) -> bytes:
        labels, at = [], 12
        while length := question[at]:
            labels.append(question[at + 1 : at + 1 + length].decode())
            at += 1 + length
        kind = struct.unpack('!H', question[at + 1 : at + 3])[0]
        name = '.'.join(labels).lower()
        turns = self.names.get(name)
        nth, self.asked[name, kind] = self.asked[name, kind], self.asked[name, kind] + 1
        found = [ip_address(ip) for ip in turns[min(nth, len(turns) - 1)]] if turns else []
        wanted = [ip.packed for ip in found if (ip.version == 4) == (kind == _A) and kind in (_A, _AAAA)]
        records = b''.join(b'\xc0\x0c' + struct.pack('!HHIH', kind, 1, 0, len(ip)) + ip for ip in wanted)
        flags = 0x8180 if turns else 0x8183
        return question[:2] + struct.pack('!HHHHH', flags, 1, len(wanted), 0, 0) + question[12 : at + 5] + records


class Everywhere(threading.Thread):
    """Listens at every address. What comes to a publisher is answered, anybody else gets a feed and is counted."""

    def __init__(self, port: int, answer: Callable[[bytes], bytes], feed: bytes) -> None:
        super().__init__(daemon=True)
        self.caught: Counter[str] = Counter()
        self.answered = 0
        self._answer, self._feed = answer, feed
        self._socket = socket.create_server(('::', port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512)

    def run(self) -> None:
        while True:
            sock, _ = self._socket.accept()
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        to = sock.getsockname()[0].removeprefix('::ffff:')
        with sock, contextlib.suppress(OSError):
            sock.settimeout(10)
            if to not in PUBLIC:
                self.caught[to] += 1
            head = b''
            while b'\r\n\r\n' not in head and (piece := sock.recv(65536)):
                head += piece
            if to in PUBLIC:
                self.answered += 1
            sock.sendall(self._answer(head) if to in PUBLIC else self._feed)
