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
_BY_REPR: Final = frozenset({str, bool})
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
    return [repr(value) if not value or type(value) in _BY_REPR else _spelled(value) for value in _VALUES_OF(entry)]


def _spelled(value: Any) -> str:
    if type(value) is tuple:
        inner = ', '.join(map(_spelled, value))
        return f'({inner},)' if len(value) == 1 else f'({inner})'
    if type(value) not in _FORMS:
        return repr(value)
    if type(value) is Stated and value.relative:
        return 'None'
    form, values_of = _FORMS[type(value)]
    return form % values_of(value)
