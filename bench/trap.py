"""Packets to addresses that nobody may be led to, from every spelling in every way, by the real program. Should be 0.

    python bench/trap.py

In a network of its own, where every address of the internet is this machine: publishers are at public addresses, a name
server answers what an adversary would, and whatever else is sent a SYN or a datagram is counted on the wire. The program
polls, looks and adds as always, with no setting changed. Then the same spellings with `private: true`, to see it count.
It ends with 1 where something was sent, and where the control sent nothing. Needs Linux, `ip`, `mount` and user namespaces.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'tests' / 'trap'))

from trap_feeds import atom, json_feed, page_of, rss  # their place is known only now
from trap_made import FEED, Reply
from trap_net import PUBLIC, Everywhere, NameServer, Sniffer, enter
from trap_spellings import ADDRESSES, NAMES, SPELLINGS

STATUSES = (301, 302, 303, 307, 308)
USUAL = ('/feed', '/rss', '/rss.xml', '/atom.xml', '/index.xml', '/feed.xml', '/feeds/all.atom.xml', '/feed.json')
WRITTEN = [host for host in SPELLINGS if host.isprintable() and ' ' not in host]


def addresses() -> list[str]:
    found = []
    for ip in ADDRESSES:
        try:
            found.append(str(ip_address(ip)))
        except ValueError:
            continue
    return [ip for ip in found if '%' not in ip]


def names() -> dict[str, list[Sequence[str]]]:
    """What the name server says, turn by turn."""
    told: dict[str, list[Sequence[str]]] = {name: [ips] for name, ips in NAMES.items()}
    told['public.example'] = [PUBLIC]
    for n, ip in enumerate(addresses()):
        told[f'private-{n}.example'] = [[ip]]
        told[f'rebinding-{n}.example'] = [PUBLIC, [ip]]
        told[f'both-{n}.example'] = [[ip, '10.0.0.1']]
    return told


class Publisher:
    """Answers by path, at every public address."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}

    def answer(self, head: bytes) -> bytes:
        path = head.split(b' ')[1].decode('latin-1') if head.count(b' ') > 1 else ''
        return self.replies.get(path, Reply(status=404)).as_bytes()

    def leads(self, path: str, to: str, status: int = 302) -> str:
        self.replies[path] = Reply(status=status, headers=[('Location', to)])
        return f'http://public.example{path}'


def rows(publisher: Publisher) -> list[dict[str, object]]:
    """Sources in every way that a round goes."""
    urls = [f'{scheme}://{host}/' for host in WRITTEN for scheme in ('http', 'https')]
    ways = {f'written {n}': url for n, url in enumerate(urls) if '@' not in url}
    for n, url in enumerate(urls):
        ways |= {f'redirect {status} {n}': publisher.leads(f'/{status}/{n}', url, status) for status in STATUSES}
        ways[f'chain {n}'] = publisher.leads(
            f'/a/{n}', publisher.leads(f'/b/{n}', publisher.leads(f'/c/{n}', url, 307), 301)
        )
    for n, _ in enumerate(addresses()):
        ways |= {f'{how} {n}': f'http://{how}-{n}.example/feed' for how in ('private', 'rebinding', 'both')}
        ways[f'by name {n}'] = publisher.leads(f'/n/{n}', f'http://private-{n}.example/')
    publisher.replies['/feed'] = Reply(FEED)
    for name, made in (('rss', rss), ('atom', atom), ('json', json_feed)):
        for at in range(0, len(urls), 40):
            publisher.replies[f'/{name}/{at}'] = Reply(made(urls[at : at + 40]))
            ways[f'places of {name} {at}'] = f'http://public.example/{name}/{at}'
    listed: list[dict[str, object]] = [{'name': name, 'url': url} for name, url in ways.items()]
    publisher.replies['/list'] = Reply(''.join(f'<li><a href="{url}">{n}</a></li>' for n, url in enumerate(urls)))
    page = {'items': 'li', 'fields': {'title': 'a', 'link': 'a@href'}, 'detail': {'fields': {'content': 'p'}}}
    return [*listed, {'name': 'texts', 'kind': 'page', 'url': 'http://public.example/list', **page}]


def pages(publisher: Publisher) -> list[str]:
    """Addresses for `add`: pages that name feeds, and usual places that lead away."""
    urls = [f'http://{host}/feed' for host in WRITTEN]
    found = []
    for at in range(0, len(urls), 8):
        some = urls[at : at + 8]
        publisher.replies[f'/page/{at}'] = Reply(page_of(some))
        found.append(f'http://public.example/page/{at}')
    publisher.replies |= {
        p: Reply(status=302, headers=[('Location', u)]) for p, u in zip(USUAL[1:], urls, strict=False)
    }
    return found


def main() -> int:
    enter()
    sniffer, publisher = Sniffer(), Publisher()
    feed = Reply(FEED).as_bytes()
    nets = [Everywhere(port, publisher.answer, feed) for port in (80, 443)]
    for thread in (sniffer, NameServer(names()), *nets):
        thread.start()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        told = accepted(folder, rows(publisher))
        configure(folder, told)
        for _ in range(2):
            run(folder, 'poll')
        looks = pages(publisher)
        for url in (*looks, *(f'http://{host}/' for host in WRITTEN[::8])):
            run(folder, 'add', url, '--yes')
        answered, trapped = sum(net.answered for net in nets), dict(sniffer.trapped)
        print(f'{len(SPELLINGS)} spellings, {len(told)} sources polled twice, {len(looks)} pages looked at')
        print(f'requests to publishers: {answered}; packets to trap addresses: {sum(trapped.values())} {trapped or ""}')
        configure(folder, [row for row in told if str(row['name']).startswith('written')], private=True)
        run(folder, 'poll')
        control = sum(sniffer.trapped.values()) - sum(trapped.values())
        print(
            f'control, the {sum(str(r["name"]).startswith("written") for r in told)} that are written there with private: true: {control} packets'
        )
    return 0 if answered and control and not trapped else 1


def accepted(folder: Path, listed: list[dict[str, object]]) -> list[dict[str, object]]:
    """Without those that are refused when feeds.yml is read."""
    while True:
        configure(folder, listed)
        done = run(folder, 'check', '--json')
        faults = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{')]
        lines = {fault['line'] for fault in faults if fault.get('line')}
        if not lines:
            return listed
        listed = [row for n, row in enumerate(listed) if n + FIRST_ROW not in lines]


FIRST_ROW = 3  # line of feeds.yml


def configure(folder: Path, listed: list[dict[str, object]], *, private: bool = False) -> None:
    """JSON is YAML; a source is a line."""
    site = {'title': '陷', 'authority': 'news.example,2026'}
    body = ',\n'.join(json.dumps(row, ensure_ascii=False) for row in listed)
    head = f'{{"site": {json.dumps(site)}, "defaults": {json.dumps({"private": private})},\n"sources": [\n'
    (folder / 'feeds.yml').write_text(f'{head}{body}\n]}}\n', 'utf-8')
    (folder / 'config').mkdir(exist_ok=True)
    fast = {'host_spacing': '0s', 'host_concurrency': 16}
    (folder / 'config' / 'aggregator.yml').write_text(json.dumps({'polling': fast}), 'utf-8')


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, '-m', 'aggregator', *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


if __name__ == '__main__':
    sys.exit(main())
