"""What ends a fetch early, and the sentences for it: each says what happened and whose fault it is."""

from __future__ import annotations

import errno
import socket
import ssl
from http import HTTPStatus

from aggregator.model import Answer, FetchFailed, Reason

_SHOWN = 200  # characters of a hostile text that a sentence shows


class Failure(Exception):  # carries a FetchFailed, and is named for it
    """Never leaves this room: `fetch` turns it into the value FetchFailed."""

    def __init__(self, reason: Reason, message: str, hint: str = '', answer: Answer | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.hint = hint
        self.answer = answer

    def of(self, url: str) -> FetchFailed:
        return FetchFailed(url, self.reason, str(self), self.hint, self.answer)


def shown(text: str) -> str:
    """A text of a stranger, fit to stand in a sentence: one line, printable, short."""
    plain = ''.join(char if char.isprintable() else '\N{REPLACEMENT CHARACTER}' for char in text[: _SHOWN + 1])
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + '…'


def timed_out(total_s: float) -> Failure:
    return Failure(
        'timeout',
        f'The server did not finish its answer within {total_s:g} seconds; the problem is on their side',
        'If the server is known to be slow, raise polling.fetch.total',
    )


def name_failed(host: str, error: Exception) -> Failure:
    """A name that has no address. EAI_AGAIN is what a machine without a network gets, so that fault may be ours."""
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return Failure(
            'dns',
            f'The name {shown(host)} could not be looked up just now',
            'Check the network and the name server of this machine; otherwise theirs is down',
        )
    return Failure(
        'dns',
        f'There is no server named {shown(host)}',
        'Check the spelling, and the network of this machine; the site may be gone',
    )


def connect_failed(host: str, port: int, error: OSError) -> Failure:
    where = f'{shown(host)}, port {port}'
    match error:
        case TimeoutError():
            return Failure('timeout', f'{where}, does not answer the call; the problem is on their side')
        case OSError(errno=errno.ECONNREFUSED):
            return Failure('connect', f'{where}, refuses the connection; no server runs there')
        case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH | errno.EADDRNOTAVAIL):
            return Failure('connect', f'There is no way from this machine to {where}', 'Check the network here')
        case _:
            return Failure('connect', f'{where}, cannot be reached: {shown(error.strerror or type(error).__name__)}')


def tls_failed(host: str, error: Exception | None = None) -> Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        return certificate_refused(host, error.verify_message or 'not valid')
    return Failure('tls', f'No secure connection to {shown(host)} comes about; the problem is on their side')


def handshake_late(host: str) -> Failure:
    return Failure(
        'timeout',
        f'{shown(host)} takes the call and comes to no secure connection in time; the problem is on their side',
        'If the server is known to be slow, raise polling.fetch.connect',
    )


def certificate_refused(host: str, why: str) -> Failure:
    return Failure(
        'tls',
        f'The certificate of {shown(host)} is refused: {shown(why)}; the problem is on their side',
        'If the time of this machine is right, only they can mend it',
    )


def no_http() -> Failure:
    return Failure('protocol', 'The server hung up, or its answer is not HTTP; the problem is on their side')


def head_too_large() -> Failure:
    return Failure('too-large', 'The server sends more headers than we read; the problem is on their side')


def broken_off() -> Failure:
    return Failure('protocol', 'The answer broke off in the middle; the problem is on their side')


def too_large(limit: int) -> Failure:
    return Failure(
        'too-large',
        f'The document is larger than {limit} bytes',
        'If it is meant to be so large, raise polling.fetch.body',
    )


def address_refused(host: str, ip: str) -> Failure:
    return Failure(
        'address',
        f'{shown(host)} leads to {shown(ip)}, which is not on the public internet, and is not asked',
        'If this source is yours, say `private: true` in its row (or `add --private`); no redirect leads there',
    )


def status_failed(status: int) -> Failure:
    """Any status that brings no document (RFC 9110, 15). A 304 comes here when we had named no version."""
    if status == HTTPStatus.NOT_MODIFIED:
        return Failure('protocol', 'The server says that nothing changed, but we never named a version (304)')
    message, hint = _STATUS.get(status) or _by_class(status)
    return Failure('status', f'{message} ({status})', hint)


_BOT = 'Perhaps the site keeps programs out; ask its people, or give this source the `headers` it wants'
_STATUS = {
    204: ('The server answers without a document', ''),
    206: ('The server sends a part of the document that nobody asked for', ''),
    401: ('The server refuses us: it wants a password', 'Give this source `headers` with an Authorization'),
    402: ('The server refuses us: it wants to be paid', ''),
    403: ('The server refuses us', _BOT),
    404: ('The server says there is nothing at this address', 'Look on the site for the new address of its feed'),
    406: ('The server has no form of this document that we asked for', ''),
    407: ('A proxy on the way wants a password', ''),
    408: ('The server says that we were too slow', ''),
    410: ('The server says that this feed is gone for good', 'Remove this source'),
    418: ('The server refuses us', _BOT),
    421: ('The server says that it does not answer for this name; the problem is on their side', ''),
    429: ('The server asks us to come less often', 'Raise `every` of this source'),
    451: ('The server may not show this document for legal reasons', ''),
}


def _by_class(status: int) -> tuple[str, str]:
    match status // 100:
        case 2:
            return 'The server answers with something that is no whole document', ''
        case 3:
            return 'The server points elsewhere in a way that cannot be followed', ''
        case 4:
            return 'The server does not accept our request', _BOT
        case 5:
            return 'The server is in trouble; the problem is on their side', ''
        case _:
            return 'The server answers with a status that has no meaning', ''
