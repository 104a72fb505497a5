"""What to answer to a name that is not there: the one that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from aggregator.errors import UsageError

NEAR = 0.5  # of 1; a Chinese name is short, one wrong character in three is a typing mistake


def no_source(wanted: str, names: Iterable[str], otherwise: str = '`aggregator sources` lists them.') -> UsageError:
    """The error for a source that feeds.yml does not have."""
    near = get_close_matches(wanted, list(names), n=1, cutoff=NEAR)
    hint = f'Did you mean {near[0]!r}? {otherwise}' if near else otherwise
    return UsageError(f'there is no source named {wanted!r}', hint)
