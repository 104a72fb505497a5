"""Which carriers of one voice are one entry (design, 4.1 and 4.2). Depends on the set of carriers, never on its order.

Codes come first: every URL that stands beside a code belongs to it. A URL that stands beside two codes is disputed: it
stays with the smaller code (the older article), and the dispute is told. What has no code is then joined by URL and by
guid; such a heap joins the one code that a guid leads to. Two codes are never joined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from aggregator.model import Fault


class Cluster(NamedTuple):
    """Carriers that are one entry, and the keys that lead to it."""

    seqs: tuple[int, ...]
    keys: frozenset[str]
    faults: tuple[Fault, ...] = ()

    @property
    def identity(self) -> str:
        """The first key that applies: code, URL, guid, digest."""
        return min(self.keys, key=strength)


def clusters_of(keys_of: Mapping[int, tuple[str, ...]]) -> tuple[Cluster, ...]:
    """Carriers (seq -> effective keys, strongest first) of one voice as entries; in order of their first carrier."""
    owner, disputes = _owners(keys_of)
    name_of, home = _names(keys_of, owner)
    seqs: dict[str, list[int]] = defaultdict(list)
    keys: dict[str, set[str]] = defaultdict(set)
    for seq in sorted(keys_of):
        name = name_of[seq]
        seqs[name].append(seq)
        keys[name].update(k for k in keys_of[seq] if home.get(k, name) == name)  # a key leads to one entry only
    return tuple(
        Cluster(tuple(group), frozenset(keys[name]), tuple(disputes.get(name, ()))) for name, group in seqs.items()
    )


def _owners(keys_of: Mapping[int, tuple[str, ...]]) -> tuple[dict[str, str], dict[str, list[Fault]]]:
    """URL -> the code that it belongs to, and by code what was disputed."""
    codes: dict[str, set[str]] = defaultdict(set)
    for keys in keys_of.values():
        if keys[0].startswith('code:'):
            for url in keys[1:]:
                codes[url].add(keys[0])
    disputes: dict[str, list[Fault]] = defaultdict(list)
    for url, several in sorted(codes.items()):
        if len(several) > 1:
            for code in several:
                disputes[code].append(_dispute(url, several))
    return {url: min(several) for url, several in codes.items()}, disputes


def _dispute(url: str, codes: Iterable[str]) -> Fault:
    listed = ', '.join(sorted(c.removeprefix('code:') for c in codes))
    return Fault('two-codes', f'one address with several codes ({listed}): {url.removeprefix("url:")}')


def _names(keys_of: Mapping[int, tuple[str, ...]], owner: Mapping[str, str]) -> tuple[dict[int, str], dict[str, str]]:
    """The name of each carrier's entry: its code, the code that owns its URL, else that of the heap it lies in.

    Beside it, the name that each key leads to.
    """
    heaps = _Heaps()
    leads: dict[str, set[str]] = defaultdict(set)  # a free key -> codes that a carrier leads from it to
    names: dict[int, str] = {}
    for seq, keys in keys_of.items():
        code = keys[0] if keys[0].startswith('code:') else min((owner[k] for k in keys if k in owner), default='')
        free = [k for k in keys if k not in owner and not k.startswith('code:')]
        if code:
            names[seq] = code
        if not keys[0].startswith('code:'):
            for key in free:
                heaps.join(free[0], key)
                leads[key].update({code} - {''})
    home = {**heaps.homes(leads), **owner}
    return {seq: names.get(seq) or home[keys[0]] for seq, keys in keys_of.items()}, home


class _Heaps:
    """Keys joined where one carrier shows both (union-find)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, key: str) -> str:
        parent = self._parent
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    def join(self, one: str, other: str) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._parent[high] = low

    def homes(self, leads: Mapping[str, set[str]]) -> dict[str, str]:
        """For each key the smallest code that its heap leads to, else the heap's strongest key."""
        codes: dict[str, set[str]] = defaultdict(set)
        members: dict[str, list[str]] = defaultdict(list)
        for key in list(self._parent):
            codes[self.root(key)].update(leads[key])
            members[self.root(key)].append(key)
        best = {r: min(codes[r]) if codes[r] else min(keys, key=strength) for r, keys in members.items()}
        return {key: best[self.root(key)] for key in self._parent}


def strength(key: str) -> tuple[int, str]:
    """Sorts keys: a code names best, then a URL, a guid, a digest; equal ones by the alphabet."""
    return _ORDER[key[: key.index(':')]], key


_ORDER = {'code': 0, 'url': 1, 'guid': 2, 'said': 3}
