"""Answers: the form of a document that a request asks for; errors, redirects, pages that say why there is nothing."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import NamedTuple

from starlette.types import Scope, Send

from aggregator.serve.cache import LEAST_MAX_AGE_S, Finished
from aggregator.serve.headers import Headers, ascii_url, safe_headers
from aggregator.serve.negotiation import codings, verdict

_MOVED_AGE_S = 3600  # a redirect is for ever, but a mistaken one should not be
_TEXT, _HTML = 'text/plain; charset=utf-8', 'text/html; charset=utf-8'
_MOST_SHOWN = 200  # characters of a path


class Answer(NamedTuple):
    status: int
    headers: Headers
    body: bytes


def chosen(forms: Mapping[str, Finished], asked: Mapping[bytes, bytes]) -> Finished:
    """Of the forms of a document the one that the request wants."""
    return next(forms[coding] for coding in codings(asked.get(b'accept-encoding')) if coding in forms)


def answered(form: Finished, asked: Mapping[bytes, bytes]) -> Answer:
    """What is said of this form: all of it, or that the reader has it already."""
    match verdict(asked, form.etag, form.modified_s):
        case 304:
            return Answer(304, form.unmodified, b'')
        case 412:
            return plain(412, 'The document is not the one that the request is about.', (b'etag', form.etag))
        case _:
            return Answer(200, form.ok, form.body)


async def sent(answer: Answer, scope: Scope, send: Send) -> None:
    status, headers, body = answer
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


def refusal(path: str, raw_path: bytes) -> Answer | None:
    """A path that hides a separator or a control character is an attempt at something, not an address."""
    if not path.isprintable():
        return plain(400, 'The path holds a character that no path has.')
    raw = raw_path.lower()
    if path[:1] not in ('/', '') or any(hidden in raw for hidden in (b'%2f', b'%5c', b'%2e')):
        return page(404, nothing_there(path[1:]))
    return None


def _page(title: str, text: str) -> bytes:
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title></head>'
    return f'{head}<body><h1>{html.escape(title)}</h1><p>{text}</p></body></html>\n'.encode('utf-8', 'replace')


def _sized(status: int, headers: Headers, body: bytes) -> Answer:
    return Answer(status, [*headers, (b'content-length', b'%d' % len(body))], body)
