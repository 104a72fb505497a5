"""Who is due and may go now. Values only: no clock, no thread, no store.

    due (from the store) -> a queue for each host -> hosts in turn -> free thread? host free? within the pace? -> go

- *Hosts take turns*, so a host with a thousand sources, or fifty that hang, keep nobody else waiting for long.
- *A host rests* for its spacing without holding a thread.
- *The pace*: never more than twice the mean rate that the intervals ask for (and one a second, ten at once). Nobody
  notices it in ordinary times. After a stop, a suspend or a clock that jumped, when all are due at once, they are asked
  spread over about half an interval, and stay spread afterwards. A window by hash would need a memory of when it began,
  and the threads alone as a bound would ask two thousand small servers within a minute. A source that was never asked
  is not held back: `first_poll_at` has spread those.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

FACTOR = 2.0  # times the mean rate
LEAST_RATE = 1.0  # a second
AT_ONCE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    threads: int
    concurrency: int  # visits of one host at once
    spacing_s: float  # between a visit of a host and the next


class Line:
    """For one thread at a time; seconds are those of a clock that never goes back."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._hosts: OrderedDict[str, deque[str]] = OrderedDict()  # who waits, hosts in turn
        self._going: dict[str, str] = {}  # name -> host: visits that hold a thread
        self._busy: Counter[str] = Counter()
        self._free_at: dict[str, float] = {}  # by host
        self._kept: set[str] = set()  # from going until recorded
        self._resting: dict[str, float] = {}  # by name: not before
        self._waits: dict[str, float] = {}  # seconds from one poll to the next, of those that were polled
        self._per_s = 0.0  # the mean rate
        self._tokens = AT_ONCE
        self._filled_at = -inf

    # ------------------------------------------------ what is known

    def expect(self, waits: Mapping[str, float]) -> None:
        """The seconds between polls of every source that was polled before; whoever is not in it is new."""
        self._waits = dict(waits)
        self._per_s = sum(1 / max(wait, 1.0) for wait in waits.values())

    def expect_next(self, name: str, wait_s: float) -> None:
        """After a poll."""
        old = self._waits.get(name)
        self._waits[name] = wait_s
        self._per_s += 1 / max(wait_s, 1.0) - (1 / max(old, 1.0) if old is not None else 0.0)

    def renew(self, due: Iterable[tuple[str, str]], now_s: float) -> None:
        """These wait: name and host, the longest due first. Hosts that are in line keep their turn."""
        self._free_at = {host: at for host, at in self._free_at.items() if at > now_s}
        self._resting = {name: at for name, at in self._resting.items() if at > now_s}
        for queue in self._hosts.values():
            queue.clear()
        for name, host in due:
            if name not in self._kept and name not in self._resting:
                self._hosts.setdefault(host, deque()).append(name)
        for host in [host for host, queue in self._hosts.items() if not queue]:
            del self._hosts[host]

    # ------------------------------------------------ going and coming back

    def take(self, now_s: float) -> str | None:
        """Who goes now; None where nobody can."""
        self._fill(now_s)
        if len(self._going) >= self.bounds.threads:
            return None
        for host, queue in self._hosts.items():
            if self._may_be_asked(host, now_s) and self._in_pace(queue[0]):
                return self._gone(host, queue)
        return None

    def returned(self, name: str, now_s: float) -> None:
        """The visit is over: its thread is free, its host rests. It still waits for `release`."""
        host = self._going.pop(name)
        self._busy[host] -= 1
        if not self._busy[host]:
            del self._busy[host]
        self._free_at[host] = now_s + self.bounds.spacing_s

    def release(self, name: str, not_before_s: float = -inf) -> None:
        """It was recorded, or could not be: the store may call it due again."""
        self._kept.discard(name)
        if not_before_s > -inf:
            self._resting[name] = not_before_s

    def rename(self, old: str, new: str) -> None:
        """What is under way under the old name is so under the new one."""
        if old in self._going:
            self._going[new] = self._going.pop(old)
        if old in self._kept:
            self._kept.discard(old)
            self._kept.add(new)

    def wait_s(self, now_s: float) -> float | None:
        """Seconds until time alone lets somebody go; None where only an event can."""
        if len(self._going) >= self.bounds.threads or not self._hosts:
            return None
        hosts = [host for host in self._hosts if self._busy[host] < self.bounds.concurrency]
        free_at = min((self._free_at.get(host, now_s) for host in hosts), default=None)
        if free_at is None:
            return None
        pace_s = 0.0 if self._tokens >= 1 else (1 - self._tokens) / self._rate
        return max(free_at - now_s, pace_s, 0.0)

    def __len__(self) -> int:
        """How many wait."""
        return sum(map(len, self._hosts.values()))

    @property
    def under_way(self) -> int:
        """Visits that hold a thread."""
        return len(self._going)

    # ------------------------------------------------ bounds

    @property
    def _rate(self) -> float:
        return max(LEAST_RATE, FACTOR * self._per_s)

    def _fill(self, now_s: float) -> None:
        if self._filled_at > -inf:
            self._tokens = min(max(AT_ONCE, self._rate), self._tokens + (now_s - self._filled_at) * self._rate)
        self._filled_at = now_s

    def _may_be_asked(self, host: str, now_s: float) -> bool:
        return self._busy[host] < self.bounds.concurrency and self._free_at.get(host, -inf) <= now_s

    def _in_pace(self, name: str) -> bool:
        return self._tokens >= 1 or name not in self._waits

    def _gone(self, host: str, queue: deque[str]) -> str:
        name = queue.popleft()
        if queue:
            self._hosts.move_to_end(host)
        else:
            del self._hosts[host]
        if name in self._waits:
            self._tokens -= 1
        self._going[name] = host
        self._busy[host] += 1
        self._kept.add(name)
        return name
