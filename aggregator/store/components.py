"""Connected components of carriers over keys, in one pass and without the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def components(seqs: Iterable[int], edges: Iterable[tuple[str, int]]) -> Iterator[list[int]]:
    """Groups of seqs that share keys, each sorted, by their first. `edges` are (key, seq), sorted by key."""
    parent = {seq: seq for seq in seqs}
    last_key, last_seq = None, 0
    for key, seq in edges:
        if key == last_key:
            _join(parent, last_seq, seq)
        last_key, last_seq = key, seq
    groups: dict[int, list[int]] = {}
    for seq in sorted(parent):
        groups.setdefault(_root(parent, seq), []).append(seq)
    yield from groups.values()


def _join(parent: dict[int, int], one: int, other: int) -> None:
    first, second = sorted((_root(parent, one), _root(parent, other)))
    parent[second] = first


def _root(parent: dict[int, int], seq: int) -> int:
    while parent[seq] != seq:
        parent[seq] = parent[parent[seq]]  # halves the way for the next one
        seq = parent[seq]
    return seq
