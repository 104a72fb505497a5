"""Whether the program is fit to serve: a value that the daemon makes and the health pages show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """`ok`: the process does its work. `ready`: there is something to serve. `reasons` are sentences, one a fault."""

    ok: bool = True
    ready: bool = True
    reasons: tuple[str, ...] = ()


def text_of(health: Health, good: bool) -> str:
    """The page: one word, then a reason a line."""
    return '\n'.join(('ok' if good else 'not ok', *health.reasons)) + '\n'
