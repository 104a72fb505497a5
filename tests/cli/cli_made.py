"""For the tests of the commands: a world that has everything the examples speak of, run in process or on a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner
from origin_made import Origin

from aggregator.cli.main import main

CODE = 'NW202204122339013090'
DEADLINE_S = 60.0
HTML = 'text/html; charset=utf-8'
FEEDS = """# 我的来源
site: {{title: 测试, url: "https://news.example.org/", authority: "news.example.org,2026"}}
defaults: {{private: true}}
sources:
  - name: 证券时报网     # 每天看
    url: {base}/zqsb
    category: {{from: publisher}}
    key: {{param: infoCode}}
  - name: 数字日报
    url: {base}/shuzi
    category: 数字日报
    key: {{param: infoCode}}
  - name: 坏的
    url: {base}/nowhere
    category: 坏
aliases: {{证券时报: 证券时报网}}
rules:
  - {{when: {{all: [{{title: 数字经济}}, {{not: {{publisher: 某网}}}}]}}, add: 数字经济}}
  - {{when: {{url: /advert/}}, drop: true}}
"""


@dataclass(frozen=True)
class World:
    folder: Path
    origin: Origin

    @property
    def feeds(self) -> Path:
        return self.folder / 'feeds.yml'

    def run(self, *words, typed=None, color=False):
        """In this process; `output` is both streams, `stdout` and `stderr` are each of them."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            result = CliRunner().invoke(main, [str(w) for w in words], input=typed, color=color, prog_name='aggregator')
        finally:
            os.chdir(before)
        assert 'Traceback' not in result.output
        return result

    def ok(self, *words, **more):
        result = self.run(*words, **more)
        assert result.exit_code == 0, result.output
        return result

    def command(self, *words):
        return [sys.executable, '-m', 'aggregator', *map(str, words)]

    def child(self, *words, **more):
        return subprocess.run(
            self.command(*words), cwd=self.folder, capture_output=True, timeout=DEADLINE_S, check=False, **more
        )


def made_world(folder: Path, origin: Origin) -> World:
    world = World(folder, origin)
    base, day = origin.base, 'Wed, 25 Nov 2026 0{}:00:00 +0800'
    coded = {
        'title': '深圳：打造数字经济产业集群',
        'link': f'{base}/a/1.html?infoCode={CODE}',
        'guid': 'g1',
        'description': '<p>正文。</p><p>（文章来源：证券时报）</p>',
        'pubDate': day.format(8),
    }
    advert = {'title': '广告', 'link': f'{base}/advert/2.html', 'pubDate': day.format(7)}
    linked = {'title': '其他', 'link': f'{base}/a/3.html', 'pubDate': day.format(6)}
    origin.rss('/zqsb', coded, advert, linked, title='证券时报网')
    origin.rss('/shuzi', coded | {'title': '转载', 'description': '转'}, title='数字日报')
    origin.rss('/rss.xml', {'title': '新的', 'link': f'{base}/n/1', 'pubDate': day.format(9)}, linked, title='新频道')
    origin.rss('/other.xml', {'title': '别的', 'link': f'{base}/n/2', 'pubDate': day.format(9)}, title='另一频道')
    alternate = '<link rel="alternate" type="application/rss+xml" href="{}">'
    origin.serve(
        '/',
        f'<html><head>{alternate.format("/rss.xml")}{alternate.format("/other.xml")}</head></html>',
        media_type=HTML,
    )
    origin.serve('/silent', '', 0)
    world.feeds.write_text(FEEDS.format(base=base), 'utf-8')
    (folder / 'config').mkdir()
    (folder / 'config' / 'aggregator.yml').write_text('parsing: {workers: 0}\n')
    row = '<outline text="{}" type="rss" xmlUrl="{}{}"/>'
    rows = row.format('新', base, '/rss.xml') + row.format('旧', base, '/shuzi') + row.format('死', base, '/dead')
    (folder / 'subscriptions.opml').write_text(f'<opml version="2.0"><head/><body>{rows}</body></opml>', 'utf-8')
    assert world.run('poll').exit_code == 1  # one source is bad
    return world


@dataclass(frozen=True)
class Seen:
    code: int  # -n where signal n ended it
    text: str


DEAF_S = 5.0  # Python hears no Ctrl-C between writing a question and waiting for its answer: a person presses again


def on_terminal(words, cwd, *, keys=(), env=None, cells=100) -> Seen:
    """Run on a terminal of its own. `keys`: (text to wait for, bytes to type then), in order."""
    child, fd = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # who runs the tests in the background has it ignored
        os.chdir(cwd)
        os.environ.update({'TERM': 'xterm-256color', 'COLUMNS': str(cells), 'LANG': 'C.UTF-8', **(env or {})})
        os.execvp(words[0], words)
    seen, left, until = b'', list(keys), time.monotonic() + DEADLINE_S
    pressed, heard_at = b'', 0.0
    try:
        while time.monotonic() < until:
            if select.select([fd], [], [], 0.2)[0]:
                try:
                    more = os.read(fd, 65_536)
                except OSError:  # the other side is closed
                    break
                if not more:
                    break
                seen += more
                heard_at = time.monotonic()
            elif pressed == b'\x03' and time.monotonic() - heard_at > DEAF_S:
                os.write(fd, pressed)
                pressed = b''
            if left and left[0][0].encode() in seen:
                pressed = left.pop(0)[1]
                os.write(fd, pressed)
        else:
            os.kill(child, signal.SIGKILL)
            raise AssertionError(f'it went on and on: {seen.decode(errors="replace")}')
    finally:
        os.close(fd)
        _, status = os.waitpid(child, 0)
    return Seen(os.waitstatus_to_exitcode(status), seen.decode())


def screen(text):
    """The lines that stand there in the end; it knows what our commands send, and tells where they send more."""
    lines, row = [''], 0
    for token in re.findall(r'\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+', text):
        if token == '\n':
            row += 1
            lines += [''] * (row - len(lines) + 1)
        elif token == '\x1b[2K':
            lines[row] = ''
        elif up := re.fullmatch(r'\x1b\[(\d*)A', token):
            row -= int(up[1] or 1)
        elif token[0] not in '\r\x1b':
            lines[row] += token
        else:
            assert re.fullmatch(r'\r|\x1b\[\?25[lh]|\x1b\[[0-9;]*m', token), token
    return [line.rstrip() for line in lines if line.strip()]
