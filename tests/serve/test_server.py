"""The server on a real socket: start, stop, a taken port, and clients that are slow, wrong or many."""

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aggregator.errors import PortInUse
from aggregator.model import Document, Site
from aggregator.serve.app import make_app
from aggregator.serve.connection import GuardedConfig, GuardedConnection, Limits
from aggregator.serve.folder import PublicFolder
from aggregator.serve.server import Server, allow_connections

PATIENCE_S = 20  # a broken server fails a test after this long; a right one never waits for it
BIG = bytes(range(256)) * 40_000  # 10 MB: more than the buffers between two programs hold


@pytest.fixture(scope='module')
def app(tmp_path_factory):
    folder = PublicFolder(tmp_path_factory.mktemp('public'))
    folder.write([Document('all.atom', '', b'<feed/>'), Document('big.bin', '', BIG)])
    return make_app(folder, site=Site(), clock=time.monotonic)


@pytest.fixture(scope='module')
def address(app):
    server = Server(app, port=0, limits=Limits(idle_s=PATIENCE_S, head_bytes=4096))
    yield server.start()
    assert server.stop(5)


@pytest.fixture(scope='module')
def impatient(app):
    server = Server(app, port=0, limits=Limits(idle_s=0.2, answer_s=0.2, connections=8))
    yield server.start()
    assert server.stop(5)


@contextlib.contextmanager
def connected(address, receive_bytes=None):
    with socket.socket() as opened:
        if receive_bytes:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        opened.settimeout(PATIENCE_S)
        opened.connect(address)
        yield opened


def rest_of(opened):
    """All bytes until the server closes."""
    received = b''
    with contextlib.suppress(ConnectionResetError):
        while more := opened.recv(65536):
            received += more
    return received


def said(address, request):
    with connected(address) as opened:
        opened.sendall(request)
        return rest_of(opened)


CLOSE = b'Connection: close\r\n\r\n'


def test_a_document_over_the_wire(address):
    answer = said(address, b'GET /all.atom HTTP/1.1\r\nHost: a\r\n' + CLOSE)
    head, _, body = answer.partition(b'\r\n\r\n')
    assert head.startswith(b'HTTP/1.1 200 OK\r\n')
    assert re.search(rb'\r\ndate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n', head)
    assert b'\r\nserver:' not in head
    assert body == b'<feed/>'


def test_a_304_over_the_wire_has_a_date_and_no_body(address):
    answer = said(address, b'GET /all.atom HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n' + CLOSE)
    head, _, body = answer.partition(b'\r\n\r\n')
    assert head.startswith(b'HTTP/1.1 304 ')
    assert all(b'\r\n' + name in head for name in (b'date: ', b'etag: ', b'vary: ', b'cache-control: '))
    assert body == b''


@pytest.mark.parametrize('path', [b'/metrics', b'/robots.txt', b'/-/ready', b'/favicon.ico', b'/nothing'])
def test_head_of_the_other_pages_has_no_body(address, path):
    answer = said(address, b'HEAD ' + path + b' HTTP/1.1\r\nHost: a\r\n' + CLOSE)
    assert answer.endswith(b'\r\n\r\n')


def test_an_answer_of_many_megabytes_comes_whole(address):
    answer = said(address, b'GET /big.bin HTTP/1.1\r\nHost: a\r\n' + CLOSE)
    assert answer.endswith(b'\r\n\r\n' + BIG)


def test_many_requests_in_one_segment(address):
    request = b'GET /all.atom HTTP/1.1\r\nHost: a\r\n'
    answer = said(address, (request + b'\r\n') * 50 + request + CLOSE)
    assert answer.count(b'HTTP/1.1 200 OK') == 51


@pytest.mark.parametrize(
    ('request_bytes', 'status'),
    [
        (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400),  # TLS to a plain port
        (b'GET\r\n\r\n', 400),
        (b'GET / HTTP/9.9\r\n\r\n', 400),
        (b'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400),
        (b'GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n', 400),
        (b'GET / HTTP/1.1\r\nHost a\r\n\r\n', 400),
        (b'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n', 400),
        (b'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 400),
        (b'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400),
        (b'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400),
        (b'CONNECT example.org:443 HTTP/1.1\r\nHost: a\r\n\r\n', 400),
        (b'OPTIONS * HTTP/1.1\r\nHost: a\r\n' + CLOSE, 405),
        (b'GET / HTTP/1.1\r\n' + CLOSE, 400),
        (b'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n' + CLOSE, 400),
        (b'GET http://a/all.atom HTTP/1.1\r\nHost: a\r\n' + CLOSE, 200),
        (b'GET /all.atom?utm_source=x HTTP/1.1\r\nHost: a\r\n' + CLOSE, 200),
        (b'GET /all.atom HTTP/1.0\r\n\r\n', 200),
        (b'GET /%00 HTTP/1.1\r\nHost: a\r\n' + CLOSE, 400),
        (b'GET /%ff%fe HTTP/1.1\r\nHost: a\r\n' + CLOSE, 404),
        (b'GET /..%2f..%2fetc/passwd HTTP/1.1\r\nHost: a\r\n' + CLOSE, 404),
        (b'GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n' + CLOSE, 404),
        (b'GET /all.atom HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n', 200),
        (b'POST /all.atom HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n', 405),
        (b'GET /all.atom HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 200),
        (b'GET / HTTP/1.1\r\nHost: a\r\nX: ' + b'x' * 5000 + b'\r\n\r\n', 431),
        (b'GET /' + b'x' * 5000, 431),
        (b'GET / HTTP/1.1\r\n' + b'a: b\r\n' * 2000, 431),
    ],
)
def test_malformed_requests_are_answered_and_closed(address, request_bytes, status):
    assert said(address, request_bytes).startswith(b'HTTP/1.1 %d ' % status)


def test_an_endless_head_in_small_pieces(address):
    with connected(address) as opened:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.sendall(b'GET / HTTP/1.1\r\n')
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                opened.sendall(b'x: ' + b'y' * 100 + b'\r\n')
        assert rest_of(opened).startswith(b'HTTP/1.1 431 ')


def test_silent_and_half_requests_are_closed(impatient):
    with contextlib.ExitStack() as stack:
        held = []
        for start in (b'', b'\r\n', b'GET / HT', b'GET /all.atom HTTP/1.1\r\nHost: a\r\n'):
            held.append(stack.enter_context(connected(impatient)))
            held[-1].sendall(start)
        assert [rest_of(opened) for opened in held] == [b''] * 4


def test_a_client_that_sends_a_byte_now_and_then_is_closed(impatient):
    with connected(impatient) as opened:
        opened.sendall(b'GET /all.atom HTTP/1.1\r\nHost: a\r\nX: ')
        with contextlib.suppress(ConnectionError):
            for _ in range(1000):  # each byte comes well before a time limit between two bytes would be over
                opened.sendall(b'x')
                time.sleep(0.02)
            pytest.fail('still listening after twenty seconds')


def test_a_client_that_does_not_read_is_closed(impatient):
    with connected(impatient, receive_bytes=4096) as opened:
        opened.sendall(b'GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n')
        assert wait_for(lambda: peer_is_gone(opened))


def peer_is_gone(opened):
    return opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


def wait_for(truth):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if truth():
            return True
        time.sleep(0.01)
    return False


def answer_of(opened):
    """One answer on a connection that stays open."""
    received = b''
    while b'\r\n\r\n' not in received:
        received += part_of(opened)
    head, _, body = received.partition(b'\r\n\r\n')
    while len(body) < int(re.search(rb'content-length: (\d+)', head)[1]):
        body += part_of(opened)
    return head, body


def part_of(opened):
    received = opened.recv(1 << 20)
    assert received, 'closed in the middle'
    return received


def test_answers_at_once_come_whole_and_in_order(address):
    with connected(address) as opened:
        for path, expected in [(b'all.atom', b'<feed/>'), (b'big.bin', BIG)] * 3:
            opened.sendall(b'GET /' + path + b' HTTP/1.1\r\nHost: a\r\n\r\n')
            head, body = answer_of(opened)
            assert head.startswith(b'HTTP/1.1 200 OK\r\ndate: ')
            assert body == expected


def test_who_rests_between_two_requests_sees_a_plain_end(app):
    server = Server(app, port=0, limits=Limits(idle_s=1))
    try:
        with connected(server.start()) as opened:
            for _ in range(3):  # the first may not be answered at once, the others are
                opened.sendall(b'GET /all.atom HTTP/1.1\r\nHost: a\r\n\r\n')
                assert answer_of(opened)[1] == b'<feed/>'
            assert opened.recv(1) == b''
    finally:
        assert server.stop(2)


def test_any_application_can_be_served():
    async def app(scope, receive, send):
        await send({'type': 'http.response.start', 'status': 202, 'headers': []})
        await send({'type': 'http.response.body', 'body': scope['path'].encode()})

    server = Server(app, port=0)
    try:
        with connected(server.start()) as opened:
            opened.sendall(b'GET /all.atom HTTP/1.1\r\nHost: a\r\n\r\n')
            assert opened.recv(15).startswith(b'HTTP/1.1 202 ')
    finally:
        assert server.stop(2)


def test_connections_above_the_bound_are_turned_away(impatient):
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connected(impatient)) for _ in range(8)]
        over = stack.enter_context(connected(impatient))
        assert rest_of(over) == b''
        assert len(held) == 8
    assert wait_for(
        lambda: said(impatient, b'GET /all.atom HTTP/1.1\r\nHost: a\r\n' + CLOSE).startswith(b'HTTP/1.1 200')
    )


def test_many_held_connections_do_not_keep_others_waiting(address):
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connected(address)).sendall(b'GET /all.atom HTTP/1.1\r\n')
        assert said(address, b'GET /all.atom HTTP/1.1\r\nHost: a\r\n' + CLOSE).startswith(b'HTTP/1.1 200')


def test_a_taken_port_says_by_whom(app, address):
    with pytest.raises(PortInUse) as caught:
        Server(app, *address).start()
    host, port = address
    assert re.fullmatch(rf'{re.escape(host)}:{port} is in use by .+', str(caught.value))
    assert caught.value.hint == 'Use --port or stop it.'


def test_stop_frees_the_port_ends_the_thread_and_touches_no_signal(app):
    handlers = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    server = Server(app, port=0)
    host, port = server.start()
    with connected((host, port)) as half:
        half.sendall(b'GET / HT')
        assert server.stop(1)
    assert 'serve' not in {t.name for t in threading.enumerate() if not t.is_alive()}
    assert server.stop(1), 'to stop twice is no fault'
    again = Server(app, host, port)
    assert again.start() == (host, port)
    assert again.stop(1)
    assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_there_are_files_for_as_many_connections_as_promised():
    assert 1 <= allow_connections(64) <= 64
    assert allow_connections(10**9) < 10**9


class Wire:
    """A transport as far as the sweep looks at one."""

    unread = 0

    def get_write_buffer_size(self):
        return self.unread


@pytest.fixture
def connection(app):
    config = GuardedConfig(app, http=GuardedConnection, ws='none', lifespan='off', log_config=None, interface='asgi3')
    config.limits = Limits(idle_s=10, answer_s=60)
    made = GuardedConnection(config, Bare(), {}, _loop=object())
    made.transport = Wire()
    return made


class Bare:
    """The part of uvicorn's state that a connection needs."""

    def __init__(self):
        self.connections, self.tasks, self.default_headers, self.total_requests = set(), set(), [], 0


def test_when_a_connection_is_overdue(connection):
    assert [connection.overdue(at) for at in (0, 10, 10.1)] == [False, False, True]


def test_an_answer_may_be_taken_slowly(connection):
    connection.overdue(0)
    connection.transport.unread = 5
    assert [connection.overdue(at) for at in (9, 69, 69.1)] == [False, False, True]
    connection.transport.unread = 0
    assert not connection.overdue(70)


SHARED = Path(__file__).parents[2] / '..' / 'shared' / 'tools' / 'validate_output.py'


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason='the output validator lies beside a checkout, and not here')
def test_the_validator_finds_nothing(tmp_path):
    folder = PublicFolder(tmp_path)
    server = Server(make_app(folder, site=Site(), clock=time.monotonic), port=0)
    host, port = server.start()
    site = Site(url=f'http://{host}:{port}/')
    folder.write(valid_documents(site.url))
    server.app = make_app(folder, site=site, clock=time.monotonic)
    try:
        run = subprocess.run(
            [sys.executable, SHARED, '--strict', '--require', 'own-http', f'{site.url}feeds.opml', '--follow'],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        server.stop(2)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count('PASS  own-http') == 4


def valid_documents(url):
    text = '数字经济 ' * 300
    when, rfc822 = '2026-11-22T08:00:00Z', 'Sun, 22 Nov 2026 08:00:00 +0000'
    atom = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN"><id>tag:example.org,2026:all</id><title>全部</title>
<updated>{when}</updated><author><name>财经新闻聚合</name></author><generator>aggregator</generator>
<link rel="self" type="application/atom+xml" href="{url}all.atom"/>
<link rel="alternate" type="text/html" href="{url}index.html"/>
<entry><id>tag:example.org,2026:AN1</id><title>标题</title><updated>{when}</updated><published>{when}</published>
<link rel="alternate" type="text/html" href="https://example.org/1"/><category term="shuzi" label="数字"/>
<source><id>tag:example.org,2026:s</id><title>证券时报网</title><updated>{when}</updated></source>
<content type="html">&lt;p&gt;{text}&lt;/p&gt;</content></entry></feed>"""
    rss = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>全部</title><link>{url}index.html</link><description>全部</description><language>zh-cn</language>
<lastBuildDate>{rfc822}</lastBuildDate><docs>https://www.rssboard.org/rss-specification</docs><ttl>15</ttl>
<atom:link rel="self" type="application/rss+xml" href="{url}all.rss"/>
<item><title>标题</title><link>https://example.org/1</link><guid isPermaLink="false">tag:example.org,2026:AN1</guid>
<pubDate>{rfc822}</pubDate><dc:creator>记者</dc:creator><source url="https://example.org/rss">证券时报网</source>
<description>&lt;p&gt;{text}&lt;/p&gt;</description></item></channel></rss>"""
    json = (
        f'{{"version": "https://jsonfeed.org/version/1.1", "title": "全部", "home_page_url": "{url}index.html", '
        f'"feed_url": "{url}all.json", "language": "zh-CN", "authors": [{{"name": "聚合"}}], '
        '"items": [{"id": "tag:example.org,2026:AN1", '
        f'"url": "https://example.org/1", "title": "标题", "content_html": "<p>{text}</p>", '
        f'"date_published": "{when}", "date_modified": "{when}"}}]}}'
    )
    outlines = ''.join(
        f'<outline type="rss" text="全部" title="全部" xmlUrl="{url}all.{s}" htmlUrl="{url}index.html"/>'
        for s in ('atom', 'rss', 'json')
    )
    opml = (
        '<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0"><head><title>全部</title>'
        f'<dateModified>{rfc822}</dateModified></head><body>{outlines}</body></opml>'
    )
    texts = {'all.atom': atom, 'all.rss': rss, 'all.json': json, 'feeds.opml': opml}
    return [Document(path, '', body.encode()) for path, body in texts.items()]
