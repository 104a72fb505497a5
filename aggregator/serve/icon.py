"""The icon at /favicon.ico: readers ask for it before the feed. Drawn, not stored, so that it needs no file."""

from __future__ import annotations

import struct

_SIDE = 16
_ORANGE, _WHITE = (0x22, 0x77, 0xEE, 0xFF), (0xFF, 0xFF, 0xFF, 0xFF)  # blue, green, red, alpha


def favicon() -> bytes:
    """An ICO file with one 16x16 image of 32 bits: a dot and two arcs, the sign of a feed."""
    # A BMP stands on its head, and its height counts the mask (all zero: nothing is masked out) too.
    pixels = bytes(part for y in reversed(range(_SIDE)) for x in range(_SIDE) for part in _colour(x, y))
    mask = bytes(4 * _SIDE)
    bitmap = struct.pack('<IiiHHIIiiII', 40, _SIDE, 2 * _SIDE, 1, 32, 0, len(pixels), 0, 0, 0, 0) + pixels + mask
    entry = struct.pack('<BBBBHHII', _SIDE, _SIDE, 0, 0, 1, 32, len(bitmap), 22)
    return struct.pack('<HHH', 0, 1, 1) + entry + bitmap


def _colour(x: int, y: int) -> tuple[int, int, int, int]:
    distance = ((x - 3.0) ** 2 + (y - 12.0) ** 2) ** 0.5
    upper_right = x >= 2 and y <= 13  # noqa: PLR2004  # a margin of two pixels
    on_sign = any(low <= distance < high for low, high in ((0, 1.6), (4, 6), (8, 10)))
    return _WHITE if upper_right and on_sign else _ORANGE
