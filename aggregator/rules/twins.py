"""Which keys are barren: a guid, a URL or a title that stands on several items of one document names none of them.

Whether two carriers ever stood in one document is read off their runs (the rounds in which a document listed them), so
it does not depend on today's rules, nor on the order in which documents came. A title counts only where it is what
names the item: nobody looks for the others by it, so which of them are at hand would be left to chance.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain

from aggregator.model import Carrier, Run
from aggregator.rules.identity import Shown, scoped

_Runs = dict[tuple[str, int], list[tuple[Run, str]]]  # (source, document): when it listed whom


def barren_keys(
    carriers: Sequence[Carrier], shown: Mapping[int, Shown], voices: Mapping[int, str], known: frozenset[str]
) -> frozenset[str]:
    """The scoped keys among these carriers that are barren and not yet known to be."""
    shows = Counter(chain.from_iterable((s.url, s.guid, s.said) for s in shown.values()))
    if all(times == 1 or not key for key, times in shows.items()):  # nearly always
        return frozenset()
    found: frozenset[str] = frozenset()
    while more := _barren(carriers, shown, voices, known | found):
        found |= more
    return found


def _barren(
    carriers: Sequence[Carrier], shown: Mapping[int, Shown], voices: Mapping[int, str], known: frozenset[str]
) -> frozenset[str]:
    """The same, but for titles of items whose better names are found to be barren only now."""
    counting = {seq: _counting(s, voices[seq], known) for seq, s in shown.items()}
    seen = Counter(scoped(key, voices[seq]) for seq, keys in counting.items() for key in keys)
    several = {key for key, times in seen.items() if times > 1} - known  # what one carrier shows cannot be barren
    if not several:
        return frozenset()
    runs: dict[str, _Runs] = defaultdict(lambda: defaultdict(list))
    for carrier in carriers:
        keys, voice = shown[carrier.seq], voices[carrier.seq]
        for key in counting[carrier.seq]:
            if scoped(key, voice) in several:
                name = _name(carrier, keys, key)
                for run in carrier.runs:
                    runs[scoped(key, voice)][carrier.source, run.page].append((run, name))
    return frozenset(k for k, documents in runs.items() if any(map(_overlap, documents.values())))


def _counting(shown: Shown, voice: str, known: frozenset[str]) -> tuple[str, ...]:
    """The keys of an item that can be barren: its title only where nothing better names it."""
    better = tuple(k for k in (shown.url, shown.guid) if k)
    if shown.code or any(scoped(k, voice) not in known for k in better):
        return better
    return (*better, shown.said)


def _name(carrier: Carrier, keys: Shown, key: str) -> str:
    """The name under which the item stands at the key: two of one name are one item that was said twice.

    Items of one code are one entry whatever else they share; so are items of one title and one date, but a title alone
    is not enough.
    """
    if key != keys.said:
        return keys.code or keys.whole
    dated = carrier.entry.published or carrier.entry.updated
    return keys.said if dated else keys.whole


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
