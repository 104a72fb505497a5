"""What each rule of `rules:` says of an entry, condition by condition, for a person who asks why.

`holds` stops at the first condition that decides; here every one is looked at, with the value that it met.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.model import AllOf, AnyOf, Condition, Match, Not, Rule
from aggregator.rules.codes import place_in
from aggregator.rules.conditions import Subject, holds, values_of
from aggregator.rules.labels import apply_rules

AROUND = 12  # characters that are shown before and behind what a pattern found
MOST = 60  # characters of a value in which it found nothing


@dataclass(frozen=True, slots=True)
class Verdict:
    """A condition, whether it holds, and what it looked at; `parts` are the conditions inside."""

    asks: str  # 'title', 'all', 'not', …
    holds: bool
    pattern: str = ''
    value: str = ''  # around the find, else the beginning of the value; '' where there was none
    parts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """A row of `rules:`, counted from 1, and what it did: labels that came and went, or a drop."""

    row: int
    when: Verdict
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    drops: bool = False


def verdicts(rules: Sequence[Rule], subject: Subject, labels: Iterable[str]) -> tuple[RuleVerdict, ...]:
    """Every rule in order, each with the labels that it changed; all of them look at the same subject."""
    kept = tuple(labels)
    found: list[RuleVerdict] = []
    for row, rule in enumerate(rules, 1):
        after, drops = apply_rules([rule], subject, kept)
        came, went = tuple(x for x in after if x not in kept), tuple(x for x in kept if x not in after)
        found.append(RuleVerdict(row, verdict(rule.when, subject), came, went, drops))
        kept = after
    return tuple(found)


def verdict(when: Condition, subject: Subject) -> Verdict:
    match when:
        case Match(name, pattern):
            return Verdict(name, holds(when, subject), pattern, _met(pattern, values_of(name, subject)))
        case AllOf(of):
            return Verdict('all', holds(when, subject), parts=tuple(verdict(one, subject) for one in of))
        case AnyOf(of):
            return Verdict('any', holds(when, subject), parts=tuple(verdict(one, subject) for one in of))
        case Not(of):
            return Verdict('not', holds(when, subject), parts=(verdict(of, subject),))


def _met(pattern: str, values: Sequence[str]) -> str:
    for value in values:
        place = place_in(pattern, value)
        if place is not None:
            return _window(value, *place)
    return _window(' | '.join(values), 0, MOST - AROUND)


def _window(text: str, start: int, end: int) -> str:
    first, last = max(0, start - AROUND), min(end, start + MOST) + AROUND
    shown = ' '.join(text[first:last].split())
    return f'{"…" if first else ""}{shown}{"…" if last < len(text) else ""}'
