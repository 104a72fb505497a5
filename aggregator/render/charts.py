"""Charts as inline SVG: numbers of ours and nothing else. Colours come from the style sheet, by class.

Each says in words what it shows; the figures stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from markupsafe import Markup, escape

from aggregator.model import PollReport

_HEIGHT = 64
_STEP, _BAR = 10, 8  # of a column, in units of the drawing
_LOW, _HIGH, _DEEP = 14, 12, 19  # of a spark: its ground line, the longest bar above it, the end of one below
_SPARK = 4  # width of a round


def columns(values: Sequence[int], names: Sequence[str], told: str) -> Markup:
    """One column for each value, the highest as high as the drawing; the width is that of the page."""
    most = max(values, default=0) or 1
    bars = (
        f'<rect x="{n * _STEP}" y="{_HEIGHT - high}" width="{_BAR}" height="{high}">'
        f'<title>{escape(name)} · {value}</title></rect>'
        for n, (value, name) in enumerate(zip(values, names, strict=True))
        if (high := -(-value * _HEIGHT // most))
    )
    return Markup(
        '<svg class="columns" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(max(1, len(values)) * _STEP - (_STEP - _BAR), _HEIGHT, told, Markup(''.join(bars)))  # noqa: S704  # escaped


def spark(polls: Sequence[PollReport], rounds: int, told: str) -> Markup:
    """The last rounds, the newest at the right: bars up for what was new, a tick for nothing new, bars down for none.

    So a failure is told by its place as well as by its colour.
    """
    shapes: dict[str, list[str]] = {'came': [], 'same': [], 'failed': []}
    for n, poll in enumerate(reversed(polls[:rounds]), max(0, rounds - len(polls))):
        kind, top, height = _bar_of(poll)
        shapes[kind].append(f'M{n * _SPARK} {top}h3v{height}h-3z')
    drawn = Markup().join(
        Markup('<path class="{}" d="{}"/>').format(kind, ''.join(parts)) for kind, parts in shapes.items() if parts
    )
    return Markup(
        '<svg class="spark" viewBox="0 0 {} 20" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(rounds * _SPARK, told, drawn)


def new_in(poll: PollReport) -> int:
    """Entries that a round brought, new or in a new version."""
    return poll.counts.get('new', 0) + poll.counts.get('revised', 0) + poll.counts.get('merged', 0)


def _bar_of(poll: PollReport) -> tuple[str, int, int]:
    """Its kind, where it begins and how high it is; a round that brought a hundred is not fifty times one of two."""
    if poll.outcome == 'failed':
        return 'failed', _LOW + 1, _DEEP - _LOW
    new = new_in(poll)
    high = min(_HIGH, 2 + int(2 * log2(1 + new))) if new else 1
    return ('came' if new else 'same'), _LOW - high, high
