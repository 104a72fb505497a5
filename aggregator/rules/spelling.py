"""How the fields of an entry are spelled where a digest of all that it says is made: as Python's `repr` spells them.

These spellings are in every store, as digests: another spelling, and all that is known would look new.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

from aggregator.model import Enclosure, Entry, Origin, Person, Stated

FIELDS: Final = tuple(field.name for field in fields(Entry))
_VALUES_OF: Final = attrgetter(*FIELDS)
# What repr says of these, without a call for each field.
_FORMS: Final[dict[type, tuple[str, attrgetter[tuple[Any, ...]]]]] = {
    cls: (
        f'{cls.__qualname__}({", ".join(f"{field.name}=%r" for field in fields(cls))})',
        attrgetter(*(field.name for field in fields(cls))),
    )
    for cls in (Enclosure, Origin, Person, Stated)
}


def spelled(entry: Entry) -> list[str]:
    """The fields in their order. A date that is counted from now (3分钟前) is None: it says nothing that stays."""
    return [repr(value) if type(value) is str else _spelled(value) for value in _VALUES_OF(entry)]


def _spelled(value: object) -> str:
    if type(value) is tuple and value and type(value[0]) in _FORMS:
        inner = ', '.join(map(_spelled, value))
        return f'({inner},)' if len(value) == 1 else f'({inner})'
    form = _FORMS.get(type(value))
    if form is None or (isinstance(value, Stated) and value.relative):
        return repr(value) if form is None else 'None'
    return form[0] % form[1](value)
