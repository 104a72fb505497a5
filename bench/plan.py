"""How much of everything is measured: the complete run, which takes some minutes, and a quick one to see that it works."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from origin_real import SHARED, is_there


@dataclass(frozen=True)
class Plan:
    feeds: int = 300  # of the rounds
    together: int = 74  # cold ones come so many at a time, one side after the other
    repeats: int = 7  # of rounds that change nothing
    changes: int = 3  # of rounds in which something is new
    same: int = 60  # feeds whose body comes again, which the loop reads again
    tls: int = 100  # feeds, each on a host of its own
    tls_repeats: int = 3
    peer_feeds: int = 60
    peer_repeats: int = 3
    sources: tuple[int, ...] = (100, 1_000, 10_000)
    stored: tuple[int, ...] = (0, 1_000_000)
    entries: int = 1_500  # taken in by the store
    stored_repeats: int = 3
    said: tuple[int, ...] = (30, 600, 5_000)  # entries of a source; 5,000 are kept unless told otherwise
    renderings: int = 20
    requests: int = 20_000  # answered by each server
    real: Path | None = None  # the folder with real documents; without it they are made up
    peer_python: str = ''  # an interpreter that has `reader`, where ours has not


QUICK = Plan(
    feeds=60,
    together=28,
    repeats=3,
    changes=1,
    same=10,
    tls=20,
    tls_repeats=2,
    peer_feeds=10,
    peer_repeats=1,
    sources=(100, 1_000),
    stored=(0, 60_000),
    entries=900,
    stored_repeats=1,
    said=(30, 600),
    renderings=5,
    requests=3_000,
)
LARGEST = 5_000_000  # entries


def planned(*, quick: bool, large: bool, shared: Path | None, peer_python: str) -> Plan:
    plan = QUICK if quick else Plan()
    folder = shared or SHARED
    return replace(
        plan,
        stored=(*plan.stored, LARGEST) if large else plan.stored,
        real=folder if is_there(folder) else None,
        peer_python=peer_python,
    )
