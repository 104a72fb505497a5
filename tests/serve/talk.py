"""A connection of the server on a wire that tests hold both ends of: no socket, and all bytes are kept."""

import asyncio
from types import SimpleNamespace

from aggregator.serve.connection import GuardedConnection, Limits
from aggregator.serve.fast import FastConfig, FastConnection

DATE = b'Sun, 22 Nov 2026 08:00:00 GMT'
HEAD = b'GET /all.atom HTTP/1.1\r\nHost: a\r\n'
PLAIN = HEAD + b'\r\n'
# Each is for the slow way, for one reason.
UNUSUAL = [
    b'GET /all.atom HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n',
    HEAD + b'Connection: close\r\n\r\n',
    HEAD + b'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    HEAD + b'Expect: 100-continue\r\n\r\n',
    HEAD + b'Content-Length: 0\r\n\r\n',
    HEAD + b'Content-Length: 1\r\n\r\nx',
    HEAD + b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    HEAD + b'Host: b\r\n\r\n',
    HEAD + b'If-Match: "other"\r\n\r\n',
    HEAD + b'Accept-Encoding: br\r\n\r\n',  # nobody has asked for this form yet
    b'GET /all.atom HTTP/1.1\r\n\r\n',
    b'POST /all.atom HTTP/1.1\r\nHost: a\r\n\r\n',
    b'GET /all.atom?a HTTP/1.1\r\nHost: a\r\n\r\n',
    b'GET /category/shuzi.rss HTTP/1.1\r\nHost: a\r\n\r\n',  # nor for this document
    b'GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n',
    b'GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n',
]


class Wire:
    """A transport that keeps what is written."""

    def __init__(self):
        self.sent, self.closed, self.aborted, self.unread = b'', False, False, 0

    def write(self, data):
        assert not self.closed
        self.sent += data

    def writelines(self, parts):
        self.write(b''.join(parts))

    def close(self):
        self.closed = True

    def abort(self):
        self.closed = self.aborted = True

    def is_closing(self):
        return self.closed

    def get_write_buffer_size(self):
        return self.unread

    def get_extra_info(self, name, default=None):
        """A socket that is asked for two addresses and told to linger."""
        answers = ('setsockopt', 'getsockname', 'getpeername')
        return SimpleNamespace(**dict.fromkeys(answers, lambda *_: ('127.0.0.1', 1))) if name == 'socket' else default

    def pause_reading(self):
        pass

    resume_reading = pause_reading


QUIET = {'log_config': None, 'access_log': False, 'proxy_headers': False}


def config_of(app, kind, **more):
    made = kind(app, http=FastConnection, ws='none', lifespan='off', interface='asgi3', **QUIET, **more)
    made.limits = Limits(head_bytes=2000)
    made.load()
    return made


class Talk:
    """One connection, of one kind or the other."""

    def __init__(self, config):
        self.state = SimpleNamespace(
            connections=set(), tasks=set(), default_headers=[(b'date', DATE)], total_requests=0
        )
        self.wire = Wire()
        kind = FastConnection if isinstance(config, FastConfig) else GuardedConnection
        self.connection = kind(config, self.state, {})
        self.connection.connection_made(self.wire)

    async def said(self, *chunks):
        """What has been sent when all is answered."""
        for chunk in (None, *chunks):
            if chunk is not None:
                self.connection.data_received(chunk)
            while self.state.tasks:
                await asyncio.wait(self.state.tasks)
        return self.wire.sent

    def at_once(self, chunk):
        """What is sent before the loop goes on."""
        before = len(self.wire.sent)
        self.connection.data_received(chunk)
        return self.wire.sent[before:]

    def end(self):
        self.connection.connection_lost(None)


def talking(config, act):
    """Runs `act` in a loop with a new connection."""

    async def run():
        talk = Talk(config)
        try:
            return await act(talk)
        finally:
            for task in list(talk.state.tasks):
                await task
            talk.end()

    return asyncio.run(run())


def outcome(config, chunks):
    async def act(talk):
        sent = await talk.said(*chunks)
        seen = talk.connection
        return sent, talk.wire.closed, seen._begun, seen._head_bytes, seen._asking(), talk.state.total_requests

    return talking(config, act)
