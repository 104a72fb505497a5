"""What was rendered and is not in the store yet, and what left its feed: all of a round goes there in one transaction.

    rendered, left -> gathered -> saved with the marks that the round takes away, or before, where it is much

A round that fails leaves it to the next one, which takes out what is void meanwhile. A process that is killed loses it,
and renders again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from aggregator.store import Place, Store, Writer

MUCH = 1024 * 1024  # bytes


class Unsaved:
    """Of one store."""

    def __init__(self) -> None:
        self._made: dict[int, list[tuple[Place, bytes]]] = {}  # by the n of the entry
        self._left: dict[tuple[int, bool], None] = {}
        self._size = 0

    @property
    def much(self) -> bool:
        return self._size > MUCH

    def keep(self, place: Place, body: bytes) -> None:
        self._made.setdefault(place.entry, []).append((place, body))
        self._size += len(body)

    def leave(self, ns: Iterable[int], *, of_a_category: bool) -> None:
        """Entries that stand in a feed no longer."""
        self._left |= dict.fromkeys((n, of_a_category) for n in ns)

    def forget(self, n: int) -> None:
        """The entry is another one now."""
        self._size -= sum(len(body) for _, body in self._made.pop(n, ()))

    def forget_all(self) -> None:
        self._made.clear()
        self._size = 0

    @contextmanager
    def saving(self, store: Store, since: int) -> Iterator[Writer]:
        """A transaction that begins with all of it; `since` is the change up to which nothing of it is void."""
        with store.writing() as writer:
            if self._made or self._left:
                self._write(writer, since)
            yield writer
        self._left.clear()
        self.forget_all()

    def _write(self, writer: Writer, since: int) -> None:
        for of_a_category in (False, True):
            left = [n for n, whole in self._left if whole is of_a_category]
            writer.forget_fragments(left, of_a_category=of_a_category)
        writer.keep_fragments((one for made in self._made.values() for one in made), since)
