"""Who may speak for an entry (design, 4.4): clusters of different voices that show one key are one entry.

The cluster that ranks highest speaks; the others add themselves and their sources' fixed categories, nothing else. A
cluster that has joined a speaker is no bridge: it leads nobody else there, so two entries of a voice are never joined
by a stranger, and a stranger is never a reason for a victim's words to change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aggregator.rules.clusters import Cluster, strength


class Part(NamedTuple):
    """A cluster with its voice: its place in feeds.yml, and the URL keys whose hosts it may speak for."""

    voice: str
    order: int
    cluster: Cluster
    speaks: frozenset[str]


class Voiced(NamedTuple):
    """An entry: the part that speaks, the keys that are its own, and the parts that merely carry it."""

    part: Part
    keys: frozenset[str]
    others: tuple[Part, ...]


def voiced(parts: Sequence[Part]) -> tuple[Voiced, ...]:
    """Sort the parts into entries; in order of place in feeds.yml, then of first carrier."""
    ranked = sorted(parts, key=lambda p: (p.order, p.cluster.seqs))
    claims = _claims(ranked)
    follows = _follows(ranked, claims)
    others: dict[int, list[Part]] = defaultdict(list)
    for at, leader in follows.items():
        others[leader].append(ranked[at])
    return tuple(
        Voiced(part, frozenset(k for k in part.cluster.keys if claims[k] == at), tuple(others[at]))
        for at, part in enumerate(ranked)
        if at not in follows
    )


def _claims(ranked: Sequence[Part]) -> dict[str, int]:
    """Key -> the part that speaks where it is shown: one whose host it is, else the first in feeds.yml."""
    showing: dict[str, list[int]] = defaultdict(list)
    for at, part in enumerate(ranked):
        for key in part.cluster.keys:
            showing[key].append(at)
    return {key: min(those, key=lambda at: (not _host(ranked, at, key, those), at)) for key, those in showing.items()}


def _host(ranked: Sequence[Part], at: int, key: str, those: Sequence[int]) -> bool:
    """Whether the part speaks for the link that the key stands for.

    A code has no host. Whoever shows it with a link of its own host may speak first only where the one who would speak
    otherwise, the first in feeds.yml, links there too and not to its own host: a stranger who puts another's code
    beside a link of his own, or of a third one, gains nothing by it.
    """
    part = ranked[at]
    if key.startswith('url:'):
        return key in part.speaks
    return not part.speaks.isdisjoint(ranked[those[0]].cluster.keys)


def _follows(ranked: Sequence[Part], claims: Mapping[str, int]) -> dict[int, int]:
    """Part -> the part whose entry it joins. Only parts that follow nobody are followed."""
    wants = {at: w for at, part in enumerate(ranked) if (w := _wants(at, part, claims))}
    leaders = set(range(len(ranked))) - set(wants)
    follows: dict[int, int] = {}
    for at in sorted(wants):
        leader = next((w for w in wants[at] if w in leaders), None)
        if leader is None:
            leaders.add(at)
        else:
            follows[at] = leader
    return follows


def _wants(at: int, part: Part, claims: Mapping[str, int]) -> list[int]:
    """The parts that speak for one of this part's keys, strongest key first."""
    keys = sorted(part.cluster.keys, key=strength)
    return list(dict.fromkeys(claims[k] for k in keys if claims[k] != at))
