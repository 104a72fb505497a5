"""Output ids: made from the identity alone, and frozen once they were published (design, 4.5).

A join keeps the id that the voice had first; the other becomes a tombstone (`replaces`). When two entries want one id,
the one has it who speaks for the host that the id names, else whose source stands earlier in feeds.yml, so that a
stranger can't take another's id by coming first.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from aggregator.model import Draft, Placed


@dataclass(frozen=True, slots=True)
class Previous:
    """The entry that a carrier belonged to: its id, `n` in the order in which entries were first published, and whether
    the carrier was of the voice that spoke.
    """

    id: str
    n: int
    own: bool = True


def place(
    drafts: Sequence[Draft],
    previous: Mapping[int, Previous],
    held: Callable[[str, Draft], bool],
    authority: str,
    at_home: Callable[[Draft, str], bool] = lambda _draft, _id: False,
) -> tuple[Placed, ...]:
    """Give each draft its id. `previous` by carrier; `held`: whether an entry that is none of these has
    that id, or had it and leaves it to others than this draft.

    `at_home`: whether a draft speaks for the host that an id names.
    """
    chosen: dict[str, Draft] = {}
    previous = _heirs(previous)
    wanted = {id(d): chain(_published(d.own, previous), (d.natural_id,), _spares(d, authority)) for d in drafts}
    waiting = deque(sorted(drafts, key=_rank))
    while waiting:
        draft = waiting.popleft()
        output_id = next(i for i in wanted[id(draft)] if not held(i, draft) and _gets(i, draft, chosen.get(i), at_home))
        if output_id in chosen:
            waiting.append(chosen[output_id])
        chosen[output_id] = draft
    ids = {id(draft): output_id for output_id, draft in chosen.items()}
    return tuple(Placed(d, ids[id(d)], _replaced(d, ids[id(d)], previous, chosen)) for d in drafts)


def _rank(draft: Draft) -> tuple[int, tuple[int, ...]]:
    return draft.rank, draft.own


def _gets(output_id: str, draft: Draft, other: Draft | None, at_home: Callable[[Draft, str], bool]) -> bool:
    if other is None:
        return True
    return (not at_home(draft, output_id), _rank(draft)) < (not at_home(other, output_id), _rank(other))


def _heirs(previous: Mapping[int, Previous]) -> Mapping[int, Previous]:
    """Who merely carried an entry inherits nothing of it, neither its id nor those who follow it, while one who spoke
    for it is there.
    """
    spoken_for = {before.id for before in previous.values() if before.own}
    return {seq: before for seq, before in previous.items() if before.own or before.id not in spoken_for}


def _published(seqs: Iterable[int], previous: Mapping[int, Previous]) -> list[str]:
    """Ids of the entries that these carriers belonged to; first the one that the first of them belonged to. What others
    had published under an id before is no reason to prefer it.
    """
    if not previous:
        return []
    return list(dict.fromkeys(previous[seq].id for seq in sorted(seqs) if seq in previous))


def _replaced(
    draft: Draft, chosen: str, previous: Mapping[int, Previous], taken: Mapping[str, Draft]
) -> tuple[str, ...]:
    former = _published((*draft.own, *draft.others), previous)
    return tuple(i for i in former if i != chosen and i not in taken)


def _spares(draft: Draft, authority: str) -> Iterator[str]:
    """Ids for an entry whose natural one belongs to another, or is buried: of its identity and its source's rank."""
    for again in count():
        made_of = f'{draft.identity}\x1f{draft.rank}' + f'\x1f{again}' * bool(again)
        yield f'tag:{authority}:entry-{hashlib.sha256(made_of.encode()).hexdigest()[:32]}'
