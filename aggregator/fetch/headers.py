"""Headers become values: freshness, when to come back, media type, validators. Pure; a bad value counts as absent."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from aggregator.model import Validators

Headers = tuple[tuple[str, str], ...]
"""Names and values as received, in order, decoded as ISO 8859-1 (RFC 9110, 5.5)."""

_LONGEST_S = 2**31  # RFC 9111, 1.2.2: a delta-seconds that is greater counts as this
_LONGEST_VALIDATOR = 2048  # characters; longer ones would make servers refuse our requests
_LONGEST_DATE = 64
_CONTROL = re.compile(r'[\x00-\x1f\x7f]')
_DIRECTIVE = re.compile(r'([^\s=,;"]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,;"]*))?', re.DOTALL)
_MEDIA_TYPE = re.compile(r"\s*([\w!#$&^.+'*`|~%-]{1,100}/[\w!#$&^.+'*`|~%-]{1,100})\s*(?:;|$)", re.ASCII)
_CHARSET = re.compile(r';\s*charset\s*=\s*["\']?\s*([\w.:+-]{1,40})', re.ASCII | re.IGNORECASE)


def first(headers: Headers, name: str) -> str:
    """The first value of a header, '' where it is absent. `name` in lower case."""
    for key, value in headers:
        if len(key) == len(name) and key.lower() == name:
            return value
    return ''


def every(headers: Headers, name: str) -> tuple[str, ...]:
    return tuple([value for key, value in headers if len(key) == len(name) and key.lower() == name])


def validators_of(headers: Headers) -> Validators:
    """ETag and Last-Modified byte for byte (RFC 9110, 8.8), whatever their form; what cannot be sent back is left."""
    return Validators(etag=_sendable(first(headers, 'etag')), last_modified=_sendable(first(headers, 'last-modified')))


def _sendable(value: str) -> str:
    return '' if len(value) > _LONGEST_VALIDATOR or _CONTROL.search(value) else value


def max_age_of(headers: Headers, now: datetime) -> timedelta | None:
    """For how long the answer is fresh (RFC 9111, 4.2.1); zero where it must not be kept, None where nothing is said.

    Of several max-age the smallest counts. `now` stands in for a missing Date.
    """
    ages = []
    for name, argument in _directives(headers):
        if name in ('no-store', 'no-cache') and not argument:  # with an argument only fields are meant (5.2.2.4)
            return timedelta(0)
        if name == 'max-age' and (age := _seconds(argument)) is not None:
            ages.append(age)
    return min(ages) if ages else _until_expiry(headers, now)


def _directives(headers: Headers) -> list[tuple[str, str]]:
    found = _DIRECTIVE.findall(','.join(every(headers, 'cache-control')))
    return [(name.lower(), argument.strip('"').strip()) for name, argument in found]


def _until_expiry(headers: Headers, now: datetime) -> timedelta | None:
    expires = first(headers, 'expires')
    if not expires:
        return None
    at = http_date(expires)
    if at is None:  # 5.3: what is no date, `0` above all, lies in the past
        return timedelta(0)
    return max(at - (http_date(first(headers, 'date')) or now), timedelta(0))


def retry_after_of(headers: Headers, now: datetime) -> timedelta | None:
    """Seconds or an HTTP date (RFC 9110, 10.2.3), never negative. It may be years: whoever waits puts the bound."""
    value = first(headers, 'retry-after').strip()
    if (seconds := _seconds(value)) is not None:
        return seconds
    at = http_date(value)
    return None if at is None else max(at - now, timedelta(0))


def _seconds(value: str) -> timedelta | None:
    if not (value.isascii() and value.isdigit()):
        return None
    return timedelta(seconds=min(int(value[:20]), _LONGEST_S))


def http_date(value: str) -> datetime | None:
    """Any of the three forms of RFC 9110, 5.6.7, read leniently; in UTC."""
    if not value or len(value) > _LONGEST_DATE:
        return None
    try:
        at = parsedate_to_datetime(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def content_type_of(headers: Headers) -> tuple[str, str]:
    """Media type in lower case and charset as written, '' for what is absent (RFC 9110, 8.3)."""
    value = first(headers, 'content-type')[:1000]
    media_type = _MEDIA_TYPE.match(value)
    charset = _CHARSET.search(value)
    return media_type[1].lower() if media_type else '', charset[1] if charset else ''


def codings_of(headers: Headers) -> tuple[str, ...]:
    """The content codings that were applied, in order (RFC 9110, 8.4); names that mean none are left out."""
    listed = ','.join(every(headers, 'content-encoding')).split(',')
    return tuple(name for item in listed if (name := item.strip().lower()) not in _NO_CODING)


_NO_CODING = {'', 'identity', 'none', 'utf-8', 'utf8', 'binary', '8bit'}  # all but the second are mistakes, and seen


def for_people(headers: Headers) -> Headers:
    """The headers as a person may see them: no control characters."""
    return tuple([(_printable(name), _printable(value)) for name, value in headers])


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return ''.join(char if char.isprintable() else '\N{REPLACEMENT CHARACTER}' for char in text)
