"""The documents of a run: each is a function of the run's seed and its number, so that any can be had again alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from fuzz_grammars import GRAMMARS
from fuzz_mutate import CHARSETS, mutated
from fuzz_seeds import SEEDS, Seed, names

_NAMES: Final = names()
_REAL_SHARE: Final = 0.06  # of the documents, where there are real ones


@dataclass(frozen=True, slots=True)
class Document:
    number: int
    seed: str  # the name of what was mutated
    dialect: str
    body: bytes
    media_type: str
    charset: str


def document_of(run: int, number: int, real: Sequence[Seed] = ()) -> Document:
    """The document of that number in the run with that seed."""
    dice = Random(f'{run}:{number}')  # repeatable on purpose
    name = dice.choice(_NAMES)
    seed = SEEDS[name]
    if real and dice.random() < _REAL_SHARE:
        at = dice.randrange(len(real))
        name, seed = f'real {at}', real[at]
    body = mutated(seed.body, dice, _others(seed.dialect), GRAMMARS.get(seed.dialect, ()))
    media_type = seed.media_type if dice.random() < 0.7 else dice.choice(('', 'text/html', 'text/plain', 'image/png'))
    charset = dice.choice(CHARSETS) if dice.random() < 0.1 else ''
    return Document(number, name, seed.dialect, body, media_type.partition(';')[0], charset)


@cache
def _others(dialect: str) -> tuple[bytes, ...]:
    """What is spliced in: mostly of a kind, now and then of another."""
    alike = [seed.body for seed in SEEDS.values() if seed.dialect == dialect]
    return (*alike, *alike, *alike, *(seed.body for seed in SEEDS.values()))
