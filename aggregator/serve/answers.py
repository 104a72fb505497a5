"""Answers: the form of a document that a request asks for; errors, redirects, pages that say why there is nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import NamedTuple

from starlette.types import Scope, Send

from aggregator.serve.cache import LEAST_MAX_AGE_S, Finished
from aggregator.serve.headers import Headers, ascii_url, safe_headers
from aggregator.serve.negotiation import asked_in, codings, host_is_sane, verdict

_MOVED_AGE_S = 3600  # a redirect is for ever, but a mistaken one should not be
_TEXT, _HTML = 'text/plain; charset=utf-8', 'text/html; charset=utf-8'
_MOST_SHOWN = 200  # characters of a path
_HIDDEN = re.compile(rb'%(?:2f|5c|2e)', re.IGNORECASE)


class Answer(NamedTuple):
    status: int
    headers: Headers
    body: bytes
    wire: bytes = b''  # the fields as they are sent, where somebody has put them together already


class Wanted(NamedTuple):
    """A GET or HEAD with nothing wrong about it. `asked` are the fields that decide."""

    path: str
    asked: dict[bytes, bytes]
    is_head: bool


def wanted_of(scope: Scope) -> Wanted | Answer:
    """What a request is for, or why it is refused: all that can be said without a look at what there is."""
    asked = asked_in(scope['headers'])
    if not host_is_sane(asked, scope['http_version']):
        return plain(400, 'The request needs one Host field with the name of a host.')
    if scope['method'] not in ('GET', 'HEAD'):
        return plain(405, 'Only GET and HEAD are answered here.', (b'allow', b'GET, HEAD'))
    path: str = scope['path']
    return _refusal(path, scope.get('raw_path', b'')) or Wanted(path, asked, scope['method'] == 'HEAD')


def chosen(forms: Mapping[str, Finished], asked: Mapping[bytes, bytes]) -> Finished:
    """Of the forms of a document the one that the request wants."""
    for coding in codings(asked.get(b'accept-encoding')):
        if coding in forms:
            return forms[coding]
    return forms['identity']


def answered(form: Finished, asked: Mapping[bytes, bytes]) -> Answer:
    """What is said of this form: all of it, or that the reader has it already."""
    match verdict(asked, form.etag, form.modified_s):
        case 304:
            return Answer(304, form.unmodified, b'', form.unmodified_wire)
        case 412:
            return plain(412, 'The document is not the one that the request is about.', (b'etag', form.etag))
        case _:
            return Answer(200, form.ok, form.body, form.ok_wire)


async def sent(answer: Answer, scope: Scope, send: Send) -> None:
    status, headers, body, _ = answer
    await send({'type': 'http.response.start', 'status': status, 'headers': headers})
    await send({'type': 'http.response.body', 'body': b'' if scope['method'] == 'HEAD' else body})


def plain(status: int, text: str, *more: tuple[bytes, bytes]) -> Answer:
    """A sentence, never stored."""
    return _sized(status, [*safe_headers(_TEXT), (b'cache-control', b'no-store'), *more], text.encode() + b'\n')


def page(status: int, body: bytes, media_type: str = _HTML) -> Answer:
    """What somebody gets who came to the wrong place; stored for a minute."""
    return _sized(
        status, [*safe_headers(media_type), (b'cache-control', b'public, max-age=%d' % LEAST_MAX_AGE_S)], body
    )


def moved(path: str, target: str) -> Answer:
    """301 from a request path to one of the folder. Relative (RFC 9110, 10.2.2): it holds behind a proxy's prefix."""
    location = ascii_url('../' * (path.count('/') - 1) + target)
    fields = [(b'location', location.encode('ascii')), (b'cache-control', b'public, max-age=%d' % _MOVED_AGE_S)]
    return _sized(301, [*safe_headers(_TEXT), *fields], f'Moved to {location}\n'.encode())


def gone() -> Answer:
    return page(410, _page('Gone', 'It was taken away and will not come back; please remove it from your reader.'))


def nothing_there(path: str) -> bytes:
    """The plainest helpful 404 page, for a caller that has no better one."""
    return _page(f'Nothing at /{path[:_MOST_SHOWN]}', 'Every feed is listed on the front page of this site.')


def _refusal(path: str, raw_path: bytes) -> Answer | None:
    """A path that hides a separator or a control character is an attempt at something, not an address."""
    if not path.isprintable():
        return plain(400, 'The path holds a character that no path has.')
    if path[:1] not in ('/', '') or _HIDDEN.search(raw_path):
        return page(404, nothing_there(path[1:]))
    return None


def _page(title: str, text: str) -> bytes:
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title></head>'
    return f'{head}<body><h1>{html.escape(title)}</h1><p>{text}</p></body></html>\n'.encode('utf-8', 'replace')


def _sized(status: int, headers: Headers, body: bytes) -> Answer:
    return Answer(status, [*headers, (b'content-length', b'%d' % len(body))], body)
