"""One form to one address, under the rules of every request."""

from __future__ import annotations

import pytest

from aggregator.fetch import Posted, Poster
from aggregator.model import FetchLimits

LIMITS = FetchLimits(total_s=2.0, connect_s=1.0, header_bytes=4096)


@pytest.fixture
def poster():
    made = Poster(LIMITS, 'test/1')
    yield made
    made.close()


def test_a_form_arrives(serve, poster):
    bodies = []

    def script(visitor):
        bodies.append(visitor.read(int(visitor.headers['content-length'])))
        visitor.answer(204)

    server = serve(script)

    assert poster.post(
        f'{server.url}hub', {'hub.mode': 'publish', 'hub.url': 'https://a.example/新&'}, private=True
    ) == (Posted(status=204))
    visitor = server.visitors[0]
    assert visitor.head.startswith(b'POST /hub HTTP/1.1\r\n')
    assert visitor.headers['content-type'] == 'application/x-www-form-urlencoded'
    assert visitor.headers['user-agent'] == 'test/1'
    assert bodies == [b'hub.mode=publish&hub.url=https%3A%2F%2Fa.example%2F%E6%96%B0%26']


def test_no_redirect_is_followed(serve, poster):
    other = serve(lambda visitor: visitor.answer())
    server = serve(lambda visitor: visitor.answer(307, headers={'Location': other.url}))

    assert poster.post(server.url, {}, private=True).status == 307
    assert other.calls == 0


def test_our_own_network_only_where_it_may_be(serve, poster):
    server = serve(lambda visitor: visitor.answer())

    posted = poster.post(server.url, {})

    assert (posted.status, server.calls) == (0, 0)
    assert posted.trouble


def test_a_hub_that_says_nothing_is_given_up(serve):
    poster = Poster(FetchLimits(total_s=0.3, connect_s=0.3), 'test/1')
    server = serve(lambda visitor: visitor.wait())

    assert 'did not finish' in poster.post(server.url, {}, private=True).trouble
    poster.close()


@pytest.mark.parametrize('url', ['', 'ftp://a.example/', 'http://[', 'mailto:a@b.example'])
def test_what_is_no_address_is_trouble_not_an_exception(poster, url):
    assert poster.post(url, {}).trouble
