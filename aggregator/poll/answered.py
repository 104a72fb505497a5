"""The last answer, for the page of the source: written where it tells something else than the one that is kept."""

from __future__ import annotations

from dataclasses import replace

from aggregator.model import LastAnswer, Source, SourceState
from aggregator.poll.gather import Visit
from aggregator.rules.answers import digest_of, kept_of


def with_answer(source: Source, state: SourceState, visit: Visit) -> tuple[SourceState, LastAnswer | None]:
    """The state, and what is to be kept of the answer to the first request; None where that is kept already."""
    answer = visit.first.answer if visit.first else None
    if answer is None:
        return state, None
    digest = digest_of(answer)
    if digest == state.answered:
        return state, None
    return replace(state, answered=digest), kept_of(answer, source.headers)
