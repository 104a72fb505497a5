"""Other programs on the same feeds: cold, and rounds in which every answer is a 304. Each needs no more than a list."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from measure import median, once
from plan import Plan
from report import Table, figure, ratio
from rounds import WARMING, ours
from upstream import Site, site

READER = """
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
for url in open(sys.argv[2]).read().split():
    reader.add_feed(url, exist_ok=True)
reader.update_feeds(workers=16, scheduled=False)  # now, not when it thinks it time
"""
SFEED = """
sfeedpath="$HOME/feeds"
fetch() {
    curl -L --max-redirs 0 -H User-Agent: -f -s -m 15 --etag-save "$3.etag" --etag-compare "$3.etag" "$2" 2>/dev/null
}
feeds() {
%s
}
"""  # the validators are as its own README proposes them


@dataclass(frozen=True)
class Peer:
    """A program in a folder of its own, which is its home."""

    name: str
    folder: Path
    python: str = sys.executable

    @property
    def env(self) -> dict[str, str]:
        return {'HOME': str(self.folder), 'XDG_CONFIG_HOME': str(self.folder), 'XDG_DATA_HOME': str(self.folder)}

    def version(self) -> str:
        """'' where it is not installed."""
        raise NotImplementedError

    def command(self, urls: Sequence[str]) -> list[str]:
        """One round of these, with whatever it reads written before."""
        raise NotImplementedError

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, 'utf-8')
        return str(path)


class Reader(Peer):
    def version(self) -> str:
        return _said([self.python, '-c', 'import reader; print(reader.__version__)'])

    def command(self, urls: Sequence[str]) -> list[str]:
        return [self.python, '-c', READER, str(self.folder / 'reader.db'), self.file('urls', '\n'.join(urls))]


class Newsboat(Peer):
    def version(self) -> str:
        return _said(['newsboat', '--version']).partition(' - ')[0].removeprefix('newsboat ').removeprefix('r')

    def command(self, urls: Sequence[str]) -> list[str]:
        files = ('-u', self.file('urls', '\n'.join(urls)), '-C', self.file('config', 'reload-threads 4\n'))
        return ['newsboat', *files, '-c', str(self.folder / 'cache.db'), '-x', 'reload']


class Sfeed(Peer):
    def version(self) -> str:
        return _package('sfeed') if shutil.which('sfeed_update') else ''

    def command(self, urls: Sequence[str]) -> list[str]:
        rows = '\n'.join(f"feed 'feed{n}' '{url}'" for n, url in enumerate(urls)) or ':'
        return ['sfeed_update', self.file('sfeedrc', SFEED % rows)]


class Rss2email(Peer):
    def version(self) -> str:
        return _said(['r2e', '--version']).removeprefix('rss2email ')

    def command(self, urls: Sequence[str]) -> list[str]:
        rows = ''.join(f'[feed.f{n}]\nurl = {url}\n' for n, url in enumerate(urls))
        config = self.file('rss2email.cfg', f'[DEFAULT]\nfrom = a@b.example\nto = a@b.example\n{rows}')
        return ['r2e', '-c', config, '-d', str(self.folder / 'rss2email.json'), 'run', '--no-send']


@dataclass
class Found:
    """Of one program: CPU-ms a feed, and what the answers of its later rounds were."""

    cold: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    answers: dict[int, int] = field(default_factory=dict)


def _said(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return ''


def _package(name: str) -> str:
    return _said(['dpkg-query', '-W', '-f', '${Version}', name]) or '?'


def measured(peer: Peer, origin: Site, plan: Plan, found: Found) -> None:
    """One cold round and several after it, the start of the program taken off."""
    urls = origin.urls()
    start = median(once(peer.command([]), peer.env).cpu_ms for _ in range(3))
    command = peer.command(urls)
    origin.counts()
    found.cold.append((once(command, peer.env).cpu_ms - start) / len(urls))
    origin.counts()
    for _ in range(plan.repeats):
        found.again.append((once(command, peer.env).cpu_ms - start) / len(urls))
    found.answers = origin.counts()


def ours_measured(folder: Path, origin: Site, plan: Plan, found: Found) -> None:
    feeds = origin.feeds
    with closing(ours(folder, origin.urls())) as one:
        one.ask(f'0 {WARMING}')
        found.cold.append(one.ask(f'{WARMING} {feeds}').cpu_ms / (feeds - WARMING))
        origin.counts()
        for _ in range(plan.repeats):
            origin.tell('/hangup')
            found.again.append(one.ask(f'0 {feeds}').cpu_ms / feeds)
        found.answers = origin.counts()


def row(name: str, found: Found, mine: Found) -> tuple[str, ...]:
    if not found.answers:
        return (name, 'asked for nothing', '', '', '', '')
    cold, again = median(found.cold), median(found.again)
    other = sum(n for status, n in found.answers.items() if status != 304)
    told = f'{found.answers.get(304, 0)} of {found.answers.get(304, 0) + other}'
    ratios = ratio(cold, median(mine.cold)), ratio(again, median(mine.again))
    return (name, figure(cold), ratios[0], figure(again), ratios[1], told)


def tables(plan: Plan, folder: Path) -> Iterator[Table]:
    said = 'real documents' if plan.real else 'made-up documents'
    head = ('program', 'cold', 'cold/ours', '304', '304/ours', 'answered 304')
    table = Table(f'Other programs, {plan.peer_feeds} feeds ({said}): CPU-ms a feed', head)
    kinds = {'reader': Reader, 'newsboat': Newsboat, 'sfeed': Sfeed, 'rss2email': Rss2email}
    found = {name: Found() for name in ('aggregator', *kinds)}
    versions: dict[str, str] = {}
    for turn in range(plan.peer_repeats):
        with site(folder, plan.peer_feeds, real=plan.real) as origin:
            home = folder / f'aggregator-{turn}'
            home.mkdir()
            ours_measured(home, origin, plan, found['aggregator'])
            for name, kind in kinds.items():
                home = folder / f'{name}-{turn}'
                home.mkdir()
                peer = kind(name, home, plan.peer_python or sys.executable)
                versions[name] = peer.version()
                if versions[name]:
                    measured(peer, origin, plan, found[name])
    table.rows.append(row('aggregator', found['aggregator'], found['aggregator']))
    for name, its in versions.items():
        label = f'{name} {its}'.strip()
        gone = (label, 'not installed', '', '', '', '')
        table.rows.append(row(label, found[name], found['aggregator']) if its else gone)
    table.notes.append(
        'rss2email sends nothing and newsboat shows nothing; sfeed asks with the validators that its README proposes. The '
        'last column tells how many answers of the later rounds were 304s: whoever was sent whole documents had more to do.'
    )
    yield table
