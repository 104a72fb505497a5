"""A URL that can be asked for, read once: what is sent and where it is sent come from the same reading."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from requests import PreparedRequest, RequestException
from requests.utils import check_header_validity
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from aggregator.fetch.failure import Failure, shown

_LONGEST_URL = 8192
_PORTS = {'http': 80, 'https': 443}
_LAST_PORT = 65535
_NAME = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?'
_NO_LETTER = re.compile('[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]')  # controls and noncharacters
_PLAIN = re.compile(  # a URL in normal form: nothing to encode, to decode or to resolve
    rf"(https?)://({_NAME}(?:\.{_NAME})*)(?::([1-9]\d{{0,4}}))?((?:/(?!\.)[\w~!$&'()*+,;=:@.-]*)+(?:\?[\w~!$&'()*+,;=:@./?-]+)?)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Target:
    """`url` is as it was given, without a password: it ends up as base of relative links, which are published."""

    url: str
    asked: str  # with the password that a configured URL may hold
    key: str  # equal for equal requests
    scheme: str
    host: str  # no brackets
    port: int
    path: str  # with the query, as it is sent
    authorization: str = ''  # made of name and password in `asked`

    @property
    def origin(self) -> tuple[str, str, int]:
        """RFC 6454, 4."""
        return self.scheme, self.host, self.port

    @property
    def secure(self) -> bool:
        return self.scheme == 'https'

    @property
    def root(self) -> str:
        return (
            f'{self.scheme}://[{self.host}]:{self.port}/'
            if ':' in self.host
            else f'{self.scheme}://{self.host}:{self.port}/'
        )

    def prepared(self, headers: Mapping[str, str], form: Mapping[str, str] | None = None) -> PreparedRequest:
        """The request, ready to send: a GET, or the POST of a form. Text beyond ISO 8859-1 in a header goes out as
        UTF-8.
        """
        prepared = PreparedRequest()
        told = {name: _encoded(value) for name, value in headers.items()}
        try:
            prepared.prepare('GET' if form is None else 'POST', self.asked, told, data=form)
        except (RequestException, ValueError) as error:
            raise _unsendable(error) from error
        return prepared

    def lines(self, headers: Mapping[str, str]) -> list[bytes]:
        """The same headers as lines; one without a value ends with a semicolon, as curl wants it."""
        told = dict(headers)
        if self.authorization:
            told = {name: value for name, value in headers.items() if name.lower() != 'authorization'}
            told['Authorization'] = self.authorization
        try:
            return [_line(name, value) for name, value in told.items()]
        except (RequestException, ValueError) as error:
            raise _unsendable(error) from error


def read_target(url: str) -> Target:
    """A Failure where it is no http(s) URL with a host."""
    plain = _PLAIN.fullmatch(url) if len(url) <= _LONGEST_URL else None
    port = int(plain[3] or _PORTS[plain[1]]) if plain else 0
    if plain and port <= _LAST_PORT:
        return Target(url=url, asked=url, key=url, scheme=plain[1], host=plain[2], port=port, path=plain[4])
    return read_any_target(url)


def read_any_target(url: str) -> Target:
    """What `read_target` is for any URL; ten times as slow, which at a 304 is much."""
    try:
        prepared = PreparedRequest()
        prepared.prepare_url(_bounded(url), None)
        parts = parse_url(prepared.url or '')
        public = urlsplit(url.strip())
        host, scheme = parts.host or '', parts.scheme or ''
        port = parts.port or _PORTS[scheme]
        return Target(
            url=urlunsplit(public._replace(netloc=public.netloc.rpartition('@')[2])),
            asked=url,
            key=parts._replace(auth=None, fragment=None).url,
            scheme=scheme,
            host=_nonempty(host.strip('[]')),
            port=port,
            path=prepared.path_url,
            authorization=_authorization(prepared) if parts.auth else '',
        )
    except (RequestException, HTTPError, ValueError, KeyError) as error:
        raise Failure('protocol', f'{shown(url)} is no http or https address that can be asked') from error


def _bounded(url: str) -> str:
    if len(url) > _LONGEST_URL:
        raise ValueError('too long')
    return url


def _nonempty(host: str) -> str:
    if not host:
        raise ValueError('no host')
    return host


def _authorization(prepared: PreparedRequest) -> str:
    prepared.prepare_headers(None)
    prepared.prepare_auth(None)
    return str(prepared.headers.get('Authorization', ''))


def redirected(target: Target, location: str) -> Target:
    """Where a Location header leads (RFC 9110, 10.2.2). A user name in it is dropped: nobody configured it."""
    try:
        url = urljoin(target.url, _as_written(location.strip()))
        parts = urlsplit(url)
        return read_target(urlunsplit(parts._replace(netloc=parts.netloc.rpartition('@')[2], fragment='')))
    except (ValueError, Failure) as error:
        raise Failure(
            'redirect',
            f'The server sends us to {shown(location)}, which is no web address; the problem is on their side',
        ) from error


def _as_written(location: str) -> str:
    """Raw UTF-8 in a Location is common; http.client read it as ISO 8859-1. No letters: URL Standard, 4.4."""
    try:
        written = location.encode('latin-1').decode()
    except UnicodeError:
        written = location
    return _NO_LETTER.sub(lambda found: quote(found[0]), written)


def _encoded(value: str) -> str | bytes:
    try:
        value.encode('latin-1')
    except UnicodeError:
        return value.encode()
    return value


@functools.lru_cache(64)  # most headers of a request are those of the last one
def _line(name: str, value: str) -> bytes:
    check_header_validity((name, value))
    encoded = _encoded(value)
    sent = encoded if isinstance(encoded, bytes) else encoded.encode('latin-1')
    line = name.encode('ascii') + (b': ' + sent if sent else b';')
    if b'\0' in line:
        raise ValueError('a header with a null byte')
    return line


def _unsendable(error: Exception) -> Failure:
    return Failure('protocol', f'The request cannot be sent: {shown(str(error))}', 'Check the `headers` of this source')
