"""What items are known by, so that those that were seen before are not read again.

A mark stands for all that decides what an entry says: the item itself and the way in which it is read. Of a document
that can be cut it is made of the item's text, before anything is parsed; of any other one of what was parsed, before an
entry is made of it, which is the larger part of reading.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from hashlib import blake2b
from typing import Final

MARK_BYTES: Final = 16
READING: Final = b'1'  # goes into every mark: another number, and all items are read again


def marks_of(items: Iterable[str], way: str) -> tuple[bytes, ...]:
    """`way` is all that decides how an item is read besides the item."""
    key = blake2b(READING + _bytes(way), digest_size=64).digest()
    return tuple(blake2b(_bytes(item), key=key, digest_size=MARK_BYTES).digest() for item in items)


def unseen(marks: tuple[bytes, ...], seen: Container[bytes]) -> tuple[int, ...]:
    """Where in the document those stand that are to be read."""
    return tuple(index for index, mark in enumerate(marks) if mark not in seen)


def _bytes(text: str) -> bytes:
    return text.encode(errors='surrogatepass')
