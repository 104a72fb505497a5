"""Servers that drip, lie, break off and never end."""

import gzip
import socket
import threading
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.curl import CurlTransport
from aggregator.model import Fetched, FetchFailed, FetchLimits, Request

SHORT = {'total_s': 0.15}
HEAD = b'HTTP/1.1 200 OK\r\n'
BODY = b'<feed>0123456789 abcdefghijklmnopqrstuvwxyz</feed>'
ZSTD = bytes.fromhex(
    '28b52ffd24329101003c666565643e30313233343536373839206162636465666768696a6b6c6d6e6f707172737475767778797a3c2f666565643e3fc99042'
)  # of BODY
ENDLESS_CHUNKS = HEAD + b'Transfer-Encoding: chunked\r\n\r\n'


@pytest.mark.parametrize(
    ('start', 'drip'),
    [
        (b'', b''),
        (b'', b'H'),
        (b'HTTP/1.1 2', b'0'),
        (HEAD, b'X: y\r\n'),
        (HEAD + b'X: ', b'y'),
        (b'', b'HTTP/1.1 100 Continue\r\n\r\n'),
        (b'HTTP/1.1 103 Hints\r\n', b'X: y\r\n'),
        (HEAD + b'Content-Length: 5000\r\n\r\n', b'a'),
        (HEAD + b'\r\n', b'a'),
        (ENDLESS_CHUNKS, b'1\r\na\r\n'),
        (ENDLESS_CHUNKS + b'1;', b'x'),
        (ENDLESS_CHUNKS + b'0\r\n', b'X: y\r\n'),
        (HEAD + b'Content-Encoding: gzip\r\n\r\n', gzip.compress(b'', mtime=0)),
    ],
)
def test_a_server_that_drips_does_not_hold_us(serve, fetch, kind, start, drip):
    """The script goes on for many seconds; only our own deadline ends it this way."""
    if issubclass(kind, CurlTransport) and drip == b'H':
        pytest.skip('curl does not wait: it sees at the second letter that HH becomes no HTTP; see the next test')

    def script(visitor):
        visitor.send(start)
        visitor.drip(drip)

    result = fetch(serve(script).url, limits=SHORT)
    assert isinstance(result, FetchFailed)
    assert result.reason == 'timeout'
    assert 'on their side' in result.message


def test_what_drips_and_becomes_no_http_is_left(serve, fetch):
    """At once by curl, at the end of the time by requests."""
    result = fetch(serve(lambda visitor: visitor.drip(b'H')).url, limits=SHORT)
    assert result.reason in ('protocol', 'timeout')


def test_a_server_that_says_nothing(serve, fetch):
    assert fetch(serve(lambda visitor: visitor.wait()).url, limits=SHORT).reason == 'timeout'


def test_redirects_share_one_deadline(serve, fetch):
    def script(visitor):
        threading.Event().wait(0.06)
        visitor.answer(302, b'', {'Location': visitor.path + 'a'})

    server = serve(script)
    assert fetch(server.url, limits={**SHORT, 'redirects': 100}).reason == 'timeout'
    assert server.calls < 10


def test_a_name_server_that_hangs(make):
    hangs = threading.Event()
    transport = make(resolve=lambda *_: (hangs.wait(20), ('127.0.0.1',))[1], **SHORT)
    result = transport.fetch(Request(url='http://hangs.example/'))
    hangs.set()
    assert result.reason == 'timeout'
    assert 'name server' in result.message


@pytest.mark.parametrize('answer', [(), ('nonsense',), ('',)])
def test_a_name_without_an_address(make, answer):
    result = make(resolve=lambda *_: answer).fetch(Request(url='http://gone.example/'))
    assert (result.reason, 'gone.example' in result.message) == ('dns', True)


@pytest.mark.parametrize('error', [OSError(), UnicodeError('idna'), ValueError(), RuntimeError(), KeyError('x')])
def test_a_lookup_that_fails(make, error):
    def resolve(*_):
        raise error

    assert make(resolve=resolve).fetch(Request(url='http://gone.example/')).reason == 'dns'


def test_a_host_that_does_not_take_the_call(make):
    """A listener whose queue is full answers no further call."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(('127.0.0.1', 0))
        listener.listen(0)
        for caller in (first, second):
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        url = f'http://127.0.0.1:{listener.getsockname()[1]}/'
        result = make(connect_s=0.05).fetch(Request(url=url, private=True))
    assert result.reason == 'timeout'


# ------------------------------------------------ too much


@pytest.mark.parametrize('coding', ['', 'gzip', 'deflate'])
@pytest.mark.parametrize(('size', 'fits'), [(100_000, True), (100_001, False), (30_000_000, False)])
def test_a_body_has_a_limit_after_unpacking(serve, fetch, coding, size, fits):
    body = bytes(size)
    packed = {'': bytes, 'gzip': gzip.compress, 'deflate': zlib.compress}[coding](body)
    headers = {'Content-Encoding': coding} if coding else {}
    result = fetch(serve(lambda visitor: visitor.answer(200, packed, headers)).url)
    assert isinstance(result, Fetched) == fits
    assert fits or (result.reason, result.answer.status) == ('too-large', 200)
    assert not fits or result.received.body == body


def test_an_endless_body_has_a_limit(serve, fetch):
    def script(visitor):
        visitor.send(HEAD + b'\r\n')
        visitor.drip(bytes(50_000), every_s=0)

    assert fetch(serve(script).url).reason == 'too-large'


@pytest.mark.parametrize(
    'head',
    [
        HEAD + b'X: ' + b'a' * 70_000 + b'\r\n\r\n',
        HEAD + b''.join(b'X: %d' % number + b'a' * 900 + b'\r\n' for number in range(80)) + b'\r\n',
        b'HTTP/1.1 200 ' + b'a' * 70_000 + b'\r\n\r\n',
        b'HTTP/1.1 100 Continue\r\n\r\n' * 4000,
    ],
)
def test_headers_have_a_limit(serve, fetch, head):
    assert fetch(serve(lambda visitor: visitor.send(head)).url).reason == 'too-large'


def test_the_body_of_a_redirect_is_never_read(serve, fetch):
    bomb = gzip.compress(bytes(30_000_000))

    def script(visitor):
        if visitor.path == '/':
            visitor.answer(302, bomb, {'Location': '/new', 'Content-Encoding': 'gzip'})
        else:
            visitor.answer(200, b'a')

    assert fetch(serve(script).url).received.body == b'a'


@pytest.mark.parametrize('status', [304, 404, 500])
def test_the_body_of_a_refusal_is_never_read(serve, fetch, status):
    def script(visitor):
        visitor.send(f'HTTP/1.1 {status} X\r\nContent-Length: 9999999999\r\n\r\n'.encode())
        visitor.wait()

    assert fetch(serve(script).url).answer.status == status


# ------------------------------------------------ lies and wreckage


@pytest.mark.parametrize(
    'sent',
    [
        b'',
        b'\r\n\r\n',
        b'220 mail.example ESMTP\r\n',
        b'<html>',
        b'HTTP/1.1 abc\r\n\r\n',
        b'HTTP/9.9 200 OK\r\n\r\n',
        b'HTTP/1.1 200 OK\r\nContent-Le',
        b'HTTP/1.1 200 OK\r\nX: y\r\n',
        b'HTTP/1.1 100 Continue\r\n',
        HEAD + b'Content-Length: 10\r\n\r\nabc',
        HEAD + b'Content-Length: 3, 4\r\n\r\nabc',
        ENDLESS_CHUNKS,
        ENDLESS_CHUNKS + b'zz\r\nabc\r\n',
        ENDLESS_CHUNKS + b'-5\r\nabc\r\n',
        ENDLESS_CHUNKS + b'5\r\nabc',
        ENDLESS_CHUNKS + b'3\r\nabc\r\n',
        ENDLESS_CHUNKS + b'f' * 70_000,
        HEAD + b'Content-Encoding: gzip\r\n\r\nno gzip at all',
        HEAD + b'Content-Encoding: br\r\n\r\nno brotli at all',
        HEAD + b'Content-Encoding: zstd\r\n\r\nno zstd at all',
        HEAD + b'Content-Encoding: aes\r\n\r\nabc',
        HEAD + b'Content-Encoding: gzip, gzip\r\n\r\nabc',
        HEAD + b'Content-Encoding: gzip\r\nContent-Encoding: br\r\n\r\nabc',
        b''.join([HEAD, *(b'X: y\r\n' for _ in range(200)), b'\r\n']),
    ],
)
def test_wreckage_is_told_and_no_exception(serve, fetch, sent):
    result = fetch(serve(lambda visitor: visitor.send(sent)).url)
    assert isinstance(result, FetchFailed)
    assert result.reason == 'protocol'
    assert 'on their side' in result.message


PACKED = {
    'gzip': gzip.compress(BODY, mtime=0),
    'deflate': zlib.compress(BODY),
    'br': brotli.compress(BODY),
    'zstd': ZSTD,
}


@pytest.mark.parametrize('coding', PACKED)
@pytest.mark.parametrize(('cut', 'whole'), [(0, True), (1, False), (9, False)])
def test_a_packed_body_that_ends_with_the_connection_must_be_whole(serve, fetch, coding, cut, whole):
    """Cut short and taken for whole, its entries would be missed until the next change: its ETag is stored."""
    packed = PACKED[coding]
    head = HEAD + f'Content-Encoding: {coding}\r\n\r\n'.encode()
    result = fetch(serve(lambda visitor: visitor.send(head + packed[: len(packed) - cut])).url)
    assert isinstance(result, Fetched) == whole
    assert not whole or result.received.body == BODY


def framed(coding, packed):
    return HEAD + f'Content-Encoding: {coding}\r\nContent-Length: {len(packed)}\r\n\r\n'.encode() + packed


@pytest.mark.parametrize('coding', PACKED)
@pytest.mark.parametrize('cut', [9, 20])
def test_a_packed_body_that_was_cut_before_it_was_sent_is_not_taken_for_whole(serve, fetch, coding, cut):
    """Its length is right, so nothing was lost on the way; a file on their disk was."""
    result = fetch(serve(lambda visitor: visitor.send(framed(coding, PACKED[coding][:-cut]))).url)
    assert isinstance(result, FetchFailed)
    assert result.reason == 'protocol'


@pytest.mark.parametrize('place', range(20, 120, 9))
def test_a_packed_body_that_is_damaged_and_cut_gives_no_text_that_nobody_wrote(serve, fetch, place):
    text = b''.join(b'<item>%d</item>' % n for n in range(300))
    damaged = bytearray(gzip.compress(text, mtime=0)[:-12])
    damaged[place] ^= 0x55
    result = fetch(serve(lambda visitor: visitor.send(framed('gzip', bytes(damaged)))).url)
    assert isinstance(result, FetchFailed)


@pytest.mark.parametrize(('coding', 'bits'), [('gzip', 31), ('deflate', 15), ('deflate', -15)])
@pytest.mark.parametrize('flush', [zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH])
def test_a_packed_body_whose_end_was_never_written_is_whole(serve, fetch, coding, bits, flush):
    packer = zlib.compressobj(wbits=bits)
    packed = packer.compress(BODY) + packer.flush(flush)
    assert fetch(serve(lambda visitor: visitor.send(framed(coding, packed))).url).received.body == BODY


@pytest.mark.parametrize(('coding', 'end'), [('gzip', 8), ('deflate', 4)])
def test_a_packed_body_that_lacks_its_check_sum_is_whole(serve, fetch, coding, end):
    result = fetch(serve(lambda visitor: visitor.send(framed(coding, PACKED[coding][:-end]))).url)
    assert result.received.body == BODY


@pytest.mark.parametrize('rubbish', [bytes(9), b'rubbish'])
def test_rubbish_behind_a_packed_body_is_left(serve, fetch, rubbish):
    head = HEAD + b'Content-Encoding: gzip\r\n\r\n'
    assert fetch(serve(lambda visitor: visitor.send(head + PACKED['gzip'] + rubbish)).url).received.body == BODY


@pytest.mark.parametrize(
    'head',
    [
        HEAD + b'no colon here\r\nX: y\r\n\r\n',
        HEAD + b': empty\r\n\r\n',
        HEAD + b'X: \xff\xfe\x00\x80\r\n\r\n',
        HEAD + b' folded\r\n\r\n',
        HEAD + b'Content-Length: -1\r\n\r\n',
        HEAD + b'Content-Length: ' + b'9' * 5000 + b'\r\n\r\n',
        HEAD + b'Content-Type: multipart/mixed; boundary=x\r\n\r\n',
        HEAD
        + b'Expires: never\r\nDate: \x00\r\nRetry-After: \xff\r\nLink: <<<\r\nCache-Control: =\r\nETag: \x01\r\n\r\n',
        HEAD + b'Set-Cookie: ' + b'a=b; expires=' * 500 + b'\r\n\r\n',
        b'HTTP/1.1 200\r\n\r\n',
    ],
)
def test_odd_heads_lead_to_a_value(serve, fetch, head, caplog):
    result = fetch(serve(lambda visitor: visitor.send(head + b'abc')).url)
    assert isinstance(result, Fetched | FetchFailed)
    assert 'unforeseen' not in getattr(result, 'message', '')
    assert not caplog.records


def test_a_mistake_of_ours_is_a_value_too(serve, kind):
    """A broken clock stands for any of them."""
    server = serve(lambda visitor: visitor.answer())
    transport = kind(FetchLimits(), 'test/1', now=lambda: 1 / 0)
    result = transport.fetch(Request(url=server.url, private=True))
    transport.close()
    assert isinstance(result, FetchFailed)
    assert 'ZeroDivisionError' in result.message


def test_no_bytes_lead_to_an_exception(serve, fetch):
    """What a server can send, and mutations of it."""
    parts = [
        b'HTTP/1.1 200 OK',
        b'HTTP/1.1 302 X',
        b'\r\n',
        b'\r\n\r\n',
        b'Content-Length: ',
        b'3',
        b'0',
        b'-1',
        b'abc',
    ]
    parts += [
        b'Transfer-Encoding: chunked',
        b'Content-Encoding: gzip',
        b'Location: ',
        b'http://[',
        b'/x',
        b'\xff\x00',
        b': ',
    ]
    sent = b''

    def script(visitor):
        visitor.send(sent)

    server = serve(script)

    @given(st.lists(st.sampled_from(parts) | st.binary(max_size=5), max_size=12).map(b''.join))
    def never_raises(data):
        nonlocal sent
        sent = data if data.startswith(b'HTTP') else b'HTTP/1.1 200 OK\r\n' + data
        result = fetch(server.url)
        assert 'unforeseen' not in getattr(result, 'message', '')

    never_raises()
