"""Nobody is led to an address that is not public: by the configuration, by a redirect, by a name server."""

from __future__ import annotations

import itertools
from contextlib import closing
from functools import partial

import pytest
from trap_made import KINDS, NAMES, Home, Reply, resolve, sockets, transport
from trap_spellings import ADDRESSES, HERE, SPELLINGS

from aggregator.fetch import Poster, is_public
from aggregator.model import Fetched, FetchFailed, FetchLimits, Request

ODD = ('address', 'dns', 'protocol', 'redirect')  # refused, or no address of the web at all
STATUSES = (301, 302, 303, 307, 308)


@pytest.fixture
def home():
    with Home() as serving:
        yield serving


@pytest.fixture(params=KINDS)
def wire(request):
    with transport(request.param) as made:
        yield made


def asked(wire, urls, **told):
    """Where it was refused, and for which reason; what came of anything else."""
    results = {url: wire.fetch(Request(url=url, **told)) for url in urls}
    return {u: r for u, r in results.items() if not (isinstance(r, FetchFailed) and r.reason in ODD)}


class TestTheTrapCounts:
    """Else zero would mean nothing."""

    @pytest.mark.parametrize('host', ['127.0.0.1', '127.1', '0x7f000001', '2130706433', 'localhost', '127.3.4.5'])
    def test_whoever_may_come_is_counted(self, trap, wire, host):
        with sockets() as seen:
            result = wire.fetch(Request(url=f'http://{host}:{trap.port}/', private=True))
        assert isinstance(result, Fetched)
        assert seen
        assert trap.trapped() == 1

    def test_a_redirect_of_a_source_to_itself_is_followed(self, wire, home):
        home.replies['/new'] = Reply('x')
        assert isinstance(wire.fetch(Request(url=home.redirect('/new'), private=True)), Fetched)

    def test_many_spellings_would_be_trapped(self, trap, wire):
        """With `private: true` each is asked: what a transport makes of a spelling is what leads to the trap."""
        hosts = [host for host in HERE if not host.startswith(('[', '0.'))]
        for host in hosts:
            wire.fetch(Request(url=f'http://{host}:{trap.port}/', private=True))
        assert trap.trapped() > len(hosts) // 3


class TestConfiguration:
    def test_no_spelling(self, trap, wire):
        with sockets() as seen:
            urls = [f'{s}://{host}:{trap.port}/' for host in SPELLINGS for s in ('http', 'https')]
            urls += [f'http://{host}/' for host in SPELLINGS]
            assert asked(wire, urls) == {}
        assert (seen, trap.trapped()) == ([], 0)


class TestHub:
    def test_no_spelling(self, trap):
        poster = Poster(FetchLimits(total_s=5.0, connect_s=1.0), 'test/1', resolve=resolve)
        with sockets() as seen, closing(poster):
            urls = [f'{s}://{host}:{trap.port}/' for host in SPELLINGS for s in ('http', 'https')]
            assert {poster.post(url, {}).status for url in urls} == {0}
        assert (seen, trap.trapped()) == ([], 0)

    def test_one_that_may_be_there_is_counted(self, trap):
        with closing(Poster(FetchLimits(total_s=5.0, connect_s=1.0), 'test/1')) as poster:
            poster.post(f'http://127.1:{trap.port}/', {}, private=True)
        assert trap.trapped() == 1


class TestRedirect:
    @pytest.mark.parametrize('status', STATUSES)
    def test_no_spelling(self, trap, wire, home, status):
        urls = [home.redirect(f'http://{host}:{trap.port}/', status) for host in SPELLINGS]
        assert asked(wire, urls, private=True) == {}
        assert (len(home.asked), trap.trapped()) == (len(urls), 0)

    def test_no_chain(self, trap, wire, home):
        """Through the source's own origin, then away from it and back."""
        urls = [
            home.redirect(home.redirect(home.redirect(f'//{host}:{trap.port}/', 301), 307).removeprefix(home.url), 308)
            for host in SPELLINGS
        ]
        assert asked(wire, urls, private=True) == {}
        assert trap.trapped() == 0

    def test_no_other_scheme_and_no_trick_with_the_path(self, trap, wire, home):
        there = f'127.0.0.1:{trap.port}'
        locations = [
            f'https://{there}/', f'//{there}', f'///{there}/', f'/\\{there}/', f'\\\\{there}\\', f'http:/{there}/', f'http:{there}/',
            f'http:\\\\{there}', f'HTTP://{there}', f'http://{there}?@a.example', f'http://{there}#@a.example/',
            f'http://a.example@{there}/', f'ftp://{there}/', f'gopher://{there}/_x', f'dict://{there}/d', f'file://{there}/etc/passwd',
            f'ws://{there}/', f'http+unix://{there}/', f'jar:http://{there}/!/', f'url:http://{there}/', f'view-source:http://{there}/',
            f'\thttp://{there}/', f'ht\ttp://{there}/', f'http://{there}\t/', f' //{there}', f'.{there}', f'@{there}', f':{trap.port}',
        ]  # fmt: skip
        for location in locations:
            wire.fetch(Request(url=home.redirect(location), private=True))
        assert trap.trapped() == 0

    def test_nothing_else_of_an_answer_is_followed(self, trap, wire, home):
        there = f'http://127.0.0.1:{trap.port}/'
        names = [
            ('Refresh', f'0; url={there}'), ('Content-Location', there), ('Alt-Svc', f'http/1.1=":{trap.port}"; ma=9'),
            ('Link', f'<{there}>; rel="hub", <{there}>; rel="self", <{there}>; rel="next", <{there}>; rel="preload"'),
            ('SourceMap', there), ('X-Accel-Redirect', there), ('URI', there), ('Location', there),
            ('WWW-Authenticate', f'Digest realm="a", domain="{there}", nonce="b"'), ('Report-To', f'{{"endpoints":[{{"url":"{there}"}}]}}'),
        ]  # fmt: skip
        for status in (200, 201, 202, 300, 304, 305, 306, 401, 407, 421, 503):
            home.replies[f'/{status}'] = Reply('x', status, names)
            wire.fetch(Request(url=f'{home.url}/{status}', private=True))
        assert (len(home.asked), trap.trapped()) == (11, 0)


class TestNameServer:
    @pytest.fixture(params=KINDS)
    def kind(self, request):
        return request.param

    def test_no_answer(self, trap, kind):
        names = {f'n{n}.example': (ip,) for n, ip in enumerate(ADDRESSES)}
        names |= {f'p{n}.example': pair for n, pair in enumerate(itertools.pairwise(ADDRESSES))}
        with transport(kind, partial(resolve, names=names)) as wire, sockets() as seen:
            urls = [f'{s}://{name}:{trap.port}/' for name in names for s in ('http', 'https')]
            assert asked(wire, urls) == {}
        assert (seen, trap.trapped()) == ([], 0)

    def test_no_answer_behind_a_redirect(self, trap, kind, home):
        names = {f'n{n}.example': (ip,) for n, ip in enumerate(ADDRESSES)}
        with transport(kind, partial(resolve, names=names)) as wire:
            urls = [home.redirect(f'http://{name}:{trap.port}/') for name in names]
            assert asked(wire, urls, private=True) == {}
        assert trap.trapped() == 0

    def test_who_answers_otherwise_the_second_time(self, trap, kind, home):
        """A name is asked for once a hop, and what was answered then is what is connected to: the second answer, which
        was meant for whoever connects, is only met as the next hop's, and is judged as such.
        """
        answers = []

        def rebinding(host, port):
            if host != 'rebind.example':
                return resolve(host, port, NAMES)
            answers.append(('127.0.0.1', '::1')[len(answers) % 2])
            return (answers[-1],)

        with transport(kind, rebinding) as wire:
            home.replies['/'] = Reply(status=302, headers=[('Location', f'http://rebind.example:{trap.port}/')])
            mine = f'http://rebind.example:{home.port}/'
            assert asked(wire, [mine], private=True) == {}
        assert answers == ['127.0.0.1', '::1']
        assert (home.asked, trap.trapped()) == (['/'], 0)

    def test_a_connection_that_rests_is_for_those_who_may_use_it(self, trap, kind):
        """One source may go there; another that names the same host may not, though the way is open."""
        with transport(kind, lambda *_: ('127.0.0.1',)) as wire:
            url = f'http://inside.example:{trap.port}/'
            assert isinstance(wire.fetch(Request(url=url, private=True)), Fetched)
            assert trap.trapped() == 1
            with sockets() as seen:
                assert asked(wire, [url]) == {}
        assert (seen, trap.trapped()) == ([], 0)


def test_none_of_the_addresses_is_public():
    assert [ip for ip in ADDRESSES if is_public(ip)] == []
