"""The fast path says what the slow one says: the same bytes to both connections, and what each of them sends."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from talk import DATE, HEAD, PLAIN, UNUSUAL, outcome

from aggregator.serve.fast import KNOWN_BYTES


def fields_of(tags):
    lines = [
        *(b'Host: ' + host for host in (b'a', b'feeds.example.org:8000', b'', b'a b', b'[::1]', b'\xff')),
        *(
            b'Accept-Encoding: ' + coding
            for coding in (b'gzip', b'br', b'GZIP;q=0.5, br;q=0.1', b'gzip;q=0', b'', b'*')
        ),
        *(b'If-None-Match: ' + tag for tag in (*tags, b'*', b'W/' + tags[0], b', '.join(tags), b'"other"', b'junk')),
        *(b'If-Match: ' + tag for tag in (*tags, b'*', b'"other"')),
        b'If-Modified-Since: ' + DATE,
        b'If-Modified-Since: Sat, 21 Nov 2026 08:00:00 GMT',
        b'If-Modified-Since: soon',
        b'If-Unmodified-Since: Sat, 21 Nov 2026 08:00:00 GMT',
        b'Range: bytes=0-9',
        b'If-Range: ' + tags[0],
        b'User-Agent: reader/1.0 (+https://example.org/)',
        b'Cookie: a=b',
        b'X: \x80\xff',
        b'X:',
        b'X: ' + b'x' * KNOWN_BYTES,
        *(b'Connection: ' + word for word in (b'keep-alive', b'Close', b'upgrade', b'keep-alive, close', b'x')),
        *(b'Content-Length: ' + number for number in (b'0', b'4', b'-1', b'x')),
        b'Transfer-Encoding: chunked',
        b'Expect: 100-continue',
        *(b'Upgrade: ' + what for what in (b'websocket', b'h2c')),
        b' folded',
        b'no colon',
        b'Bad Name: x',
        b'X\0: y',
        b'X: a\0b',
        b'Host : a',
    ]
    return st.sampled_from(lines)


METHODS = [b'GET'] * 6 + [b'HEAD'] * 3 + [b'POST', b'OPTIONS', b'CONNECT', b'get', b'BREW']
TARGETS = [b'/all.atom'] * 6 + [
    *(b'/', b'/index.html', b'/category/shuzi.json', b'/category/shuzi', b'/nothing', b'/robots.txt', b'/-/ready'),
    *(b'/all.atom?a=b', b'/all.atom#a', b'/%61ll.atom', b'/ALL.atom', b'//all.atom', b'/./all.atom', b'/all.atom/'),
    *(b'http://a/all.atom', b'all.atom', b'*', b'/\xe6\x96\xb0', b'/a%2fb', b'/a b', b'', b'/all.atom\t'),
]
VERSIONS = [b'HTTP/1.1'] * 8 + [b'HTTP/1.0', b'HTTP/1.2', b'HTTP/2.0', b'http/1.1', b'']
ENDS = [b'\r\n'] * 12 + [b'\n', b'\r', b' \r\n', b'\r\n ']


@st.composite
def requests(draw, tags):
    field = fields_of(tags)
    lines = [
        b' '.join((draw(st.sampled_from(METHODS)), draw(st.sampled_from(TARGETS)), draw(st.sampled_from(VERSIONS))))
    ]
    if draw(st.integers(0, 9)):
        lines.append(draw(st.sampled_from([b'Host: a', b'host:a', b'HOST:  a  ', b'hOst:\ta'])))
    for line in draw(st.lists(field, max_size=4)):
        lines += [draw(st.sampled_from([line, line, line.lower(), line.upper(), line.replace(b': ', b':\t') + b' ']))]
    first, rest = lines[0], draw(st.permutations(lines[1:]))
    head = b''.join(line + draw(st.sampled_from(ENDS)) for line in (first, *rest))
    body = draw(st.sampled_from([b''] * 6 + [b'body', b'0\r\n\r\n', b'\r\n', b'\x16\x03']))
    return head + b'\r\n' + body


@st.composite
def talks(draw, tags):
    """Chunks: whole requests, or all of them in one, or cut anywhere."""
    asked = draw(st.lists(requests(tags) | st.just(PLAIN), min_size=1, max_size=4))
    match draw(st.integers(0, 3)):
        case 0:
            return [b''.join(asked)]
        case 1:
            whole = b''.join(asked)
            cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=4)))
            return [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True) if a < b]
        case _:
            return asked


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=1000, deadline=None)
@given(data=st.data())
def test_both_ways_send_the_same(warm, slow, fast, data):
    """Each talk twice on the fast way: what it remembers lasts over all of them, as in a server."""
    forms = [*warm.cache.find('all.atom').values(), *warm.cache.find('index.html').values()]
    chunks = data.draw(talks([form.etag for form in forms]))
    assert outcome(fast, chunks) == outcome(fast, chunks) == outcome(slow, chunks)


CONNECT = b'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n'


@pytest.mark.parametrize('request_bytes', [*UNUSUAL, CONNECT, b'GET /a b HTTP/1.1\r\n\r\n', b'\x16\x03\x01', HEAD])
def test_what_follows_something_unusual_is_the_same(fast, slow, request_bytes):
    for chunks in (
        [request_bytes, PLAIN, PLAIN],
        [PLAIN, request_bytes, PLAIN, request_bytes, PLAIN],
        [PLAIN, request_bytes + PLAIN, PLAIN],
        [PLAIN, PLAIN + request_bytes, PLAIN],
    ):
        assert outcome(fast, chunks) == outcome(slow, chunks)


@pytest.mark.parametrize('blank', [b'\r\n', b'\r\n\r\n', b'\r\n' * 600])
def test_blank_lines_are_no_request_and_end_with_one(fast, slow, blank):
    chunks = [PLAIN, blank, PLAIN, blank, blank, PLAIN]
    assert outcome(fast, chunks) == outcome(slow, chunks)
