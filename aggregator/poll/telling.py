"""What a round tells of a document that has the same wrong thing a thousand times: a few, and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from aggregator.model import Fault

FEW: Final = 5  # faults of one rule


def in_few(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults in their order, each once, and of each rule the first few; then one that says how many more."""
    told: list[Fault] = []
    times: Counter[str] = Counter()
    for fault in dict.fromkeys(faults):
        times[fault.rule] += 1
        if times[fault.rule] <= FEW:
            told.append(fault)
    more = (
        Fault(rule, f'{n} faults are of the kind {rule}; the first {FEW} are told')
        for rule, n in times.items()
        if n > FEW
    )
    return (*told, *more)
