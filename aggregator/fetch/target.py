"""A URL that can be asked for, read once: what is sent and where it is sent come from the same reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

from requests import PreparedRequest, RequestException
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from aggregator.fetch.failure import Failure, shown

_LONGEST_URL = 8192
_PORTS = {'http': 80, 'https': 443}


@dataclass(frozen=True, slots=True)
class Target:
    """`url` is as it was given, without a password: it ends up as base of relative links, which are published."""

    url: str
    asked: str  # with the password that a configured URL may hold
    key: str  # equal for equal requests
    scheme: str
    host: str  # no brackets
    port: int

    @property
    def origin(self) -> tuple[str, str, int]:
        """RFC 6454, 4."""
        return self.scheme, self.host, self.port

    @property
    def secure(self) -> bool:
        return self.scheme == 'https'

    def prepared(self, headers: Mapping[str, str]) -> PreparedRequest:
        """The request, ready to send. Text beyond ISO 8859-1 in a header goes out as UTF-8."""
        prepared = PreparedRequest()
        try:
            prepared.prepare('GET', self.asked, {name: _encoded(value) for name, value in headers.items()})
        except (RequestException, ValueError) as error:
            raise Failure(
                'protocol', f'The request cannot be sent: {shown(str(error))}', 'Check the `headers` of this source'
            ) from error
        return prepared


def read_target(url: str) -> Target:
    """A Failure where it is no http(s) URL with a host."""
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
    """Raw UTF-8 in a Location is common; http.client read it as ISO 8859-1."""
    try:
        return location.encode('latin-1').decode()
    except UnicodeError:
        return location


def _encoded(value: str) -> str | bytes:
    try:
        value.encode('latin-1')
    except UnicodeError:
        return value.encode()
    return value
