"""Which keys are barren: a guid, a URL or a title that stands on several items of one document names none of them.

Whether two carriers ever stood in one document is read off their runs (the rounds in which a document listed them), so
it does not depend on today's rules, nor on the order in which documents came.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from aggregator.model import Carrier, Run
from aggregator.rules.identity import Shown, scoped


def barren_keys(
    carriers: Sequence[Carrier], shown: Mapping[int, Shown], voices: Mapping[int, str], known: frozenset[str]
) -> frozenset[str]:
    """The scoped keys among these carriers that are barren and not yet known to be."""
    several = _shown_by_several(shown, voices) - known
    if not several:
        return frozenset()
    runs = _named_runs(carriers, shown, voices, several)
    return frozenset(k for k, documents in runs.items() if any(map(_overlap, documents.values())))


def _shown_by_several(shown: Mapping[int, Shown], voices: Mapping[int, str]) -> frozenset[str]:
    """A key that one carrier shows stands under one name, and cannot be barren."""
    seen = Counter(scoped(k, voices[seq]) for seq, s in shown.items() for k in (s.url, s.guid, s.said) if k)
    return frozenset(key for key, times in seen.items() if times > 1)


_Runs = dict[tuple[str, int], list[tuple[Run, str]]]  # (source, document): when it listed whom


def _named_runs(
    carriers: Sequence[Carrier], shown: Mapping[int, Shown], voices: Mapping[int, str], several: frozenset[str]
) -> dict[str, _Runs]:
    found: dict[str, _Runs] = defaultdict(lambda: defaultdict(list))
    for carrier in carriers:
        keys, voice = shown[carrier.seq], voices[carrier.seq]
        for key, name in _names(carrier, keys, voice, several):
            for run in carrier.runs:
                found[key][carrier.source, run.page].append((run, name))
    return found


def _names(carrier: Carrier, keys: Shown, voice: str, several: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Each key with the name under which the item stands there: two of one name are one item that was said twice.

    Items of one code are one entry whatever else they share; so are items of one title and one date, but a title alone
    is not enough.
    """
    for key in filter(None, (keys.url, keys.guid)):
        if scoped(key, voice) in several:
            yield scoped(key, voice), keys.code or keys.whole
    if scoped(keys.said, voice) in several:
        dated = carrier.entry.published or carrier.entry.updated
        yield scoped(keys.said, voice), keys.said if dated else keys.whole


def _overlap(runs: Sequence[tuple[Run, str]]) -> bool:
    """Whether runs of two names overlap: a sweep by first round that remembers the two names that reach furthest."""
    reach: tuple[int, str] = (0, '')
    second: tuple[int, str] = (0, '')
    for run, name in sorted(runs, key=lambda r: (r[0].first, r[0].last, r[1])):
        if (reach[0] >= run.first and reach[1] != name) or (second[0] >= run.first and second[1] != name):
            return True
        here = (max(run.last, reach[0]) if reach[1] == name else run.last, name)
        others = [r for r in (reach, second) if r[1] != name]
        reach, second = sorted([here, *others], reverse=True)[:2] if others else (here, second)
    return False
