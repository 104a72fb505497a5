"""States of sources as they were read or written last, so that a round in which nothing is new decodes none.

name, text  ->  state          state  ->  text

What stands in the database stays the truth: a state is given only for the very text that it was made of, so a
transaction that was rolled back, or another process, is never overlooked.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any, NamedTuple

from aggregator.model import SourceState
from aggregator.store.codec import as_json, decode, encode, encode_after, from_json

MOST = 1000  # sources; some 8 KB each
ON_THE_WAY = 250  # sources of a daemon that may be between their question and their record


class _Memory(NamedTuple):
    text: str
    state: SourceState
    data: dict[str, Any]  # encode(state)


class Memories:
    """For any thread."""

    def __init__(self, most: int = MOST) -> None:
        self._most = self._room = most
        self._held: OrderedDict[str, _Memory] = OrderedDict()  # the newest stand last
        self._turn = Lock()

    def expect(self, sources: int) -> None:
        """So many are asked in turn, for years. Where they are more than can be held, each is forgotten before its
        turn comes again; then only those on their way are worth their place.
        """
        with self._turn:
            self._room = self._most if sources <= self._most else min(self._most, ON_THE_WAY)
            self._make_room()

    def state(self, name: str, text: str) -> SourceState:
        """What the text says."""
        return (self._at_hand(name, text) or self._hold(name, _read(text))).state

    def in_passing(self, name: str, text: str) -> SourceState:
        """The same, for whoever reads all there are: what is not at hand does not take the place of another."""
        return (self._at_hand(name, text) or _read(text)).state

    def text(self, state: SourceState) -> str:
        """What will be decoded to this state; what it shares with the one before is not encoded again."""
        before = self._held.get(state.name)
        data = encode(state) if before is None else encode_after(state, before.state, before.data)
        return self._hold(state.name, _Memory(as_json(data), state, data)).text

    def _at_hand(self, name: str, text: str) -> _Memory | None:
        held = self._held.get(name)
        return held if held is not None and held.text == text else None

    def _hold(self, name: str, memory: _Memory) -> _Memory:
        with self._turn:
            self._held[name] = memory
            self._held.move_to_end(name)
            self._make_room()
        return memory

    def _make_room(self) -> None:
        while len(self._held) > self._room:
            self._held.popitem(last=False)


def _read(text: str) -> _Memory:
    data = from_json(text)
    return _Memory(text, decode(SourceState, data), data)


MEMORIES = Memories()
"""Of all stores of this process: a text says the same in each."""
