"""What of an answer a person may see: its fields, as many and as long as a page holds, and no secret among them.

The page is public. Secrets are names that speak of them, and whatever of our own `headers` a server sends back.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from http import HTTPStatus

from aggregator.model import Answer, HeaderField, LastAnswer

MOST = 60  # fields
MOST_NAME, MOST_VALUE = 80, 300  # characters
MOST_ALL = 5000  # characters of all names and values together
_SHORTEST_SECRET = 8  # a shorter one would be found everywhere
_URL = 500

# RFC 9110, 11 (but for the challenge, which says what is wanted), RFC 6265, and what servers call their own; and where
# this machine stands, which some servers repeat.
_SECRET = re.compile(
    r'auth(?!enticate$|or$)|cookie|token|secret|passw|credential|session|signature|csrf|xsrf|api-?key|access-?key'
    r'|client-?ip|connecting-?ip|real-?ip|remote-?addr|forwarded',
    re.IGNORECASE,
)
_USER = re.compile(r'(?<=://)[^/?#\s@]*@')  # RFC 3986, 3.2.1

# Fields whose value says something about the document or about asking for it (RFC 9110, RFC 9111). Of all others, such
# as Date, Age or the number of a request, it counts that they are there.
_TELLING = frozenset(
    {
        'cache-control',
        'content-encoding',
        'content-language',
        'content-location',
        'content-type',
        'etag',
        'last-modified',
        'link',
        'location',
        'retry-after',
        'server',
        'vary',
        'www-authenticate',
    }
)


def digest_of(answer: Answer) -> str:
    """Equal for answers that tell the same. Most are a 304, so of one no more is looked at than what it means."""
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return _of_not_modified(answer)
    parts = [str(answer.status), answer.final_url]
    for name, value in answer.headers:
        parts.append(name)
        if name.lower() in _TELLING:
            parts.append(value)
    return hashlib.sha256('\n'.join(parts).encode('utf-8', 'surrogatepass')).hexdigest()[:16]


def _of_not_modified(answer: Answer) -> str:
    """Where from, the validators, for how long it is fresh, and how many fields there are."""
    said, fresh = answer.validators, answer.max_age
    fresh_s = '' if fresh is None else fresh.total_seconds()
    told = f'{answer.final_url} {said.etag} {said.last_modified} {fresh_s} {len(answer.headers)}'
    return f'304 {zlib.crc32(told.encode("utf-8", "surrogatepass")):x}'


def kept_of(answer: Answer, ours: Mapping[str, str]) -> LastAnswer:
    """The answer for a person; `ours` are the headers that were configured, which it must not repeat."""
    own = _secrets_in(ours)
    fields: list[HeaderField] = []
    left = MOST_ALL
    for name, value in answer.headers[:MOST]:
        field = _kept(name, value, own)
        left -= len(field.name) + len(field.value)
        if left < 0:
            break
        fields.append(field)
    return LastAnswer(
        url=_USER.sub('', answer.final_url)[:_URL],
        status=answer.status,
        at=answer.fetched_at,
        fields=tuple(fields),
        left_out=len(answer.headers) - len(fields),
    )


def may_be_secret(name: str) -> bool:
    """Whether a field of this name may hold what is not for everybody."""
    return bool(_SECRET.search(name))


def _secrets_in(ours: Mapping[str, str]) -> tuple[str, ...]:
    """Their words, but for those that say what we would like to read and who we are."""
    values = (v for name, v in ours.items() if not name.lower().startswith(('accept', 'user-agent')))
    return tuple(word for value in values for word in re.split(r'[\s;,=]+', value) if len(word) >= _SHORTEST_SECRET)


def _kept(name: str, value: str, own: tuple[str, ...]) -> HeaderField:
    withheld = may_be_secret(name) or any(secret in value for secret in own)
    return HeaderField(_cut(name, MOST_NAME), '' if withheld else _cut(_USER.sub('', value), MOST_VALUE), withheld)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f'{text[: most - 1]}…'
