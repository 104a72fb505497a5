"""The small values of the configuration: what each may be, said in one sentence where it is something else.

Every type here is an annotated type for pydantic; its fault is `wrong(message, hint)` and never pydantic's own text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from aggregator.rules.cron import Cron, CronFault, read_cron
from aggregator.settings.faults import did_you_mean, shown
from aggregator.settings.patterns import pattern_fault
from aggregator.settings.units import DURATION_PATTERN, SIZE_PATTERN, duration, size


def wrong(message: str, hint: str = '') -> PydanticCustomError:
    """A fault in our words; words.py takes both parts out again."""
    return PydanticCustomError('wrong', '{message}', {'message': message, 'hint': hint})


# ------------------------------------------------ texts

UNPRINTABLE = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]')


def _text(limit: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if bad := UNPRINTABLE.search(text):
            raise wrong(f'this text holds the control character U+{ord(bad[0]):04X}', 'remove it')
        if not text.strip():
            raise wrong('this text is empty')
        if len(text) > limit:
            raise wrong(f'this text has {len(text):,} characters; {limit} are allowed')
        return text.strip()

    return check


Text = Annotated[str, AfterValidator(_text(500))]
LongText = Annotated[str, AfterValidator(_text(2000))]
Label = Annotated[str, AfterValidator(_text(100))]


def _contact(text: str) -> str:
    if not re.fullmatch(r'[\x21-\x7e]*', text):
        raise wrong(
            f'{shown(text)} is no contact', 'write an address of the web or of mail: https://news.example.org/about'
        )
    return text


Contact = Annotated[str, AfterValidator(_contact)]


def _template(text: str) -> str:
    if '{publisher}' not in text:
        raise wrong(
            f'{shown(text)} holds no {{publisher}}', "write '{publisher}新闻', or a fixed label: category: LABEL"
        )
    return text


Template = Annotated[Label, AfterValidator(_template)]


def _one_or_more(value: Any) -> Any:
    return value if value is None or isinstance(value, list | dict) else [value]


def one_or_more(item: Any) -> Any:
    """A list whose only member may stand alone."""
    either = {'oneOf': [{'type': 'string'}, {'type': 'array', 'items': {'type': 'string'}}]}
    return Annotated[list[item], BeforeValidator(_one_or_more), WithJsonSchema(either)]


# ------------------------------------------------ quantities


def _quantity(read: Callable[[str], Any], noun: str, example: str) -> Callable[[Any], Any]:
    """`0` needs no unit, for it is the same in all of them."""

    def check(value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if value == 0:
                return read(f'0{example.lstrip("0123456789")}')
            raise wrong(f'{value:.12g} needs a unit, such as {example}')
        if not isinstance(value, str):
            raise wrong(f'expected {noun}, such as {example}')
        found = read(value.strip())
        if found is None:
            if re.fullmatch(r'\s*\d+\s*', value):
                raise wrong(f'{value.strip()[:20]} needs a unit, such as {example}')
            raise wrong(f'{shown(value)} is no {noun.split(" ", 1)[1]}', f'write {_FORMS[noun]}')
        return found

    return check


_FORMS = {'a duration': '30s, 15m, 1h, 1h30m or 1d', 'a size': '512B, 64KiB or 2MB'}
_duration = _quantity(duration, 'a duration', '15m')
_size = _quantity(size, 'a size', '2MB')


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise wrong('expected a duration above nothing, such as 15m')
    return value


_DURATION_SCHEMA = WithJsonSchema({'type': 'string', 'pattern': DURATION_PATTERN, 'examples': ['30s', '15m', '1h30m']})
Duration = Annotated[timedelta, BeforeValidator(_duration), _DURATION_SCHEMA]
Interval = Annotated[timedelta, AfterValidator(_positive), BeforeValidator(_duration), _DURATION_SCHEMA]


def _every(value: Any) -> timedelta | str:
    """A duration, `adaptive`, or a line of cron."""
    text = value.strip() if isinstance(value, str) else ''
    if text.lower() == ADAPTIVE:
        return ADAPTIVE
    if '*' not in text and len(text.split()) != CRON_FIELDS:
        return _positive(_duration(value))
    match read_cron(text):
        case CronFault(message):
            raise wrong(f'{shown(text)} names no times: {message}', "such as '*/5 9-15 * * 1-5'")
        case Cron():
            return text


ADAPTIVE = 'adaptive'
CRON_FIELDS = 5
Every = Annotated[
    timedelta | str,
    PlainValidator(_every),
    WithJsonSchema(
        {
            'anyOf': [
                {'type': 'string', 'pattern': DURATION_PATTERN},
                {'enum': [ADAPTIVE]},
                {'type': 'string', 'pattern': r'^\s*(\S+\s+){4}\S+\s*$'},
            ]
        }
    ),
]


def _seconds(value: Any) -> float:
    return float(_positive(_duration(value)).total_seconds())


Seconds = Annotated[float, BeforeValidator(_seconds), _DURATION_SCHEMA]
Size = Annotated[
    int,
    Field(ge=1),
    BeforeValidator(_size),
    WithJsonSchema({'type': 'string', 'pattern': SIZE_PATTERN, 'examples': ['64KiB', '2MB']}),
]

# ------------------------------------------------ names that a registry knows


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _timezone(name: str) -> str:
    if name not in _timezones():
        raise wrong(f'unknown time zone {shown(name)}', did_you_mean(name, _timezones(), 'such as Asia/Shanghai'))
    return name


TimeZone = Annotated[Text, AfterValidator(_timezone)]

# RFC 5646, 2.1, without grandfathered tags and extensions that no feed reader knows.
_LANGUAGE = re.compile(
    r'[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?(?:-(?:[A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*'
)


def _language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        mended = tag.replace('_', '-').partition('.')[0]
        hint = f'did you mean {mended!r}?' if _LANGUAGE.fullmatch(mended) else 'such as zh-CN or en'
        raise wrong(f'{shown(tag)} is no language tag', hint)
    return tag


Language = Annotated[Text, AfterValidator(_language)]


def _encoding(name: str) -> str:
    try:
        'a'.encode(name)
    except (LookupError, UnicodeError, ValueError):
        known = (
            'utf-8',
            'utf-16',
            'gb18030',
            'gbk',
            'gb2312',
            'big5',
            'shift_jis',
            'euc-kr',
            'iso-8859-1',
            'windows-1252',
        )
        raise wrong(f'unknown encoding {shown(name)}', did_you_mean(name, known, 'such as gb18030')) from None
    return name


Encoding = Annotated[Text, AfterValidator(_encoding)]


def _slug(slug: str) -> str:
    if not re.fullmatch(r'[a-z0-9-]{1,100}', slug, re.ASCII):
        raise wrong(f'{shown(slug)} is no slug', 'a slug is made of a-z, 0-9 and -, such as zhengquan-shibao')
    return slug


Slug = Annotated[Text, AfterValidator(_slug)]

# ------------------------------------------------ patterns


def _pattern(*, one_group: bool) -> Callable[[str], str]:
    def check(pattern: str) -> str:
        if fault := pattern_fault(pattern, one_group=one_group):
            raise wrong(f'the pattern {shown(pattern)} {fault}')
        return pattern

    return check


Pattern = Annotated[LongText, AfterValidator(_pattern(one_group=False))]
KeyPattern = Annotated[LongText, AfterValidator(_pattern(one_group=True))]
