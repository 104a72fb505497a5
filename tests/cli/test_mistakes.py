"""Real mistakes at the command line: never a traceback, but what happened, where, whose fault it is, and what to do.

Two lists: mistakes that this process can show, and those that need a process of their own.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import sqlite3
import subprocess
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from cli_made import CODE

from aggregator.daemon.naming import no_source
from aggregator.errors import UsageError

DATABASE = ('data', 'aggregator.db')


# ---------------------------------------------------------------- what is wrong before


def nothing(world):
    pass


def no_feeds_yml(world):
    world.feeds.unlink()


def a_folder_for_it(world):
    world.feeds.unlink()
    world.feeds.mkdir()


def unreadable(world):
    world.feeds.chmod(0)


def bad_yaml(world):
    world.feeds.write_text('sources:\n\t- name: x\n')


def unknown_key(world):
    world.feeds.write_text('sources:\n  - {name: x, url: "https://a.example/", catgory: y}\n')


def gbk(world):
    world.feeds.write_bytes('site: {title: 财经}\nsources: []\n'.encode('gbk'))


def data_is_a_file(world):
    shutil.rmtree(world.folder / 'data')
    (world.folder / 'data').write_text('x')


def no_database(world):
    shutil.rmtree(world.folder / 'data')


def from_the_future(world):
    with closing(sqlite3.connect(world.folder.joinpath(*DATABASE))) as later, later:
        later.execute("INSERT INTO _sqlite_migrations VALUES (99, 'aggregator', '9999-later', '2099-01-01')")


def damaged(world):
    for rest in (world.folder / 'data').glob('aggregator.db-*'):
        rest.unlink()
    with world.folder.joinpath(*DATABASE).open('r+b') as file:
        file.write(b'\xa5' * 4096)


def backup_there(world):
    (world.folder / 'there.db').write_text('mine')


def damaged_opml(world):
    (world.folder / 'bad.opml').write_text('<opml')


def folder_of_opml(world):
    (world.folder / 'bad.opml').mkdir()


def taken_down(world):
    world.ok('takedown', CODE)


# before, command, exit code, what must be said (each a pattern)
TABLE = [
    (no_feeds_yml, ['check'], 2, [r'^feeds\.yml:1:1: there is no such file', 'create it, or name another with -c']),
    (nothing, ['poll', '-c', 'feds.yml'], 2, [r'^feds\.yml:1:1: there is no such file']),
    (nothing, ['poll', '--settings', 'no.yml'], 2, [r'^no\.yml:1:1: there is no such file', 'leave --settings away']),
    (a_folder_for_it, ['check'], 2, [r'^feeds\.yml:1:1: this is a folder', 'name the file in it']),
    (bad_yaml, ['check'], 2, [r'^feeds\.yml:2:1: a tab cannot indent YAML']),
    (unknown_key, ['poll'], 2, [r'^feeds\.yml:2:\d+: unknown key', "did you mean 'category'"]),
    (gbk, ['check'], 2, ['this is not UTF-8']),
    (unknown_key, ['status'], 1, ['unknown key']),  # status answers all the same
    (data_is_a_file, ['poll'], 1, ['the data folder .*/data cannot be used: (File exists|Not a directory)', '--data']),
    (no_database, ['entries'], 1, ['there is no database in', '`aggregator poll` or `aggregator run` makes one']),
    (from_the_future, ['poll'], 1, ['was written by a later version', 'Install that version again']),
    (from_the_future, ['entries'], 1, ['was written by a later version']),
    (damaged, ['poll'], 1, ['is damaged or no database', '`aggregator backup`', 'Stop the daemon']),
    (damaged, ['explain', CODE], 1, ['is damaged or no database']),
    (damaged, ['sources'], 1, ['is damaged or no database']),
    (nothing, ['sorces'], 2, [r"No such command 'sorces'\. Did you mean 'sources'\?", "Try 'aggregator --help'"]),
    (nothing, ['entries', '--jsno'], 2, [r"No such option '--jsno'\..*'--json'"]),
    (nothing, ['entries', '-n', 'many'], 2, ["'many' is not a valid integer"]),
    (nothing, ['entries', '--since', 'yesterday'], 2, ["'yesterday' is no date", '2026-11-25']),
    (nothing, ['entries', '--since', '2026-02-30'], 2, ["'2026-02-30' is no date"]),
    (nothing, ['run', '--port', '65536'], 2, ['65536 is not in the range']),
    (nothing, ['run', '--host', '192.0.2.1', '--port', '0'], 2, ['this machine has no address 192.0.2.1', '127.0.0.1']),
    (nothing, ['poll', '证卷时报网'], 2, ["there is no source named '证卷时报网'", "Did you mean '证券时报网'"]),
    (nothing, ['check', '数字日抱'], 2, ["Did you mean '数字日报'", 'an address works too']),
    (nothing, ['check', 'xyz'], 2, ["there is no source named 'xyz'", '`aggregator sources` lists them']),
    (nothing, ['explain', 'x'], 2, ["there is no entry 'x'", '`aggregator search WORDS`']),
    (nothing, ['takedown', 'x'], 2, ["there is no entry 'x'"]),
    (nothing, ['explain'], 2, ["Missing argument 'ENTRY'"]),
    (taken_down, ['explain', f'tag:news.example.org,2026:{CODE}'], 2, [r'was taken down on \d{4}-\d\d-\d\d and does not']),
    (nothing, ['add', 'example.org'], 2, ["'example.org' is no http address", 'Give the whole address']),
    (nothing, ['add', 'http://127.0.0.1:1/none'], 1, ['there is no feed at .*/none nor behind it', 'refuses']),
    (nothing, ['add', '{base}/zqsb'], 2, ["is polled already, as '证券时报网'"]),
    (nothing, ['add', '{base}/rss.xml', '--name', '数字日报'], 2, ["there is a source '数字日报' already", '--name']),
    (nothing, ['import', 'no.opml'], 2, ['no.opml cannot be read: No such file']),
    (folder_of_opml, ['import', 'bad.opml'], 2, ['bad.opml cannot be read: Is a directory']),
    (damaged_opml, ['import', 'bad.opml'], 1, ['bad.opml holds no feed', 'feeds.yml was not changed']),
    (backup_there, ['backup', 'there.db'], 1, ['there.db is there already']),
    (nothing, ['backup', 'no/where.db'], 1, ['no/where.db']),
    (nothing, ['export', 'posts', 'feeds.yml'], 1, ['feeds.yml cannot be written: (File exists|Not a directory)']),
    (nothing, ['poll', '数字日报', '--trace', 'no/t.jsonl'], 1, ['no/t.jsonl cannot be written: No such file', 'is recorded']),
    (nothing, ['schema', 'feds'], 2, ["'feds' is not one of 'feeds', 'settings'"]),
    (nothing, ['completion', 'tcsh'], 2, ["'tcsh' is not one of"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ('before', 'words', 'code', 'said'), TABLE, ids=[f'{row[0].__name__}: {" ".join(row[1])}' for row in TABLE]
)
def test_a_mistake_is_told(world, before, words, code, said):
    before(world)
    result = world.run(*(word.replace('{base}', world.origin.base) for word in words))
    assert result.exit_code == code, result.output
    for pattern in said:
        assert re.search(pattern, result.stderr, re.MULTILINE), (pattern, result.stderr)
    assert before is unknown_key or '--trace' in words or result.stdout == ''
    assert 'it failed inside' not in result.output


def test_what_is_meant_is_guessed_only_where_it_is_near():
    names = ['证券时报网', '东方财富', '36氪']
    assert "Did you mean '东方财富'" in no_source('东方财付', names).hint
    assert 'Did you mean' not in no_source('新华社', names).hint
    assert isinstance(no_source('', []), UsageError)


# ---------------------------------------------------------------- the network


NETWORK = {
    'http://127.0.0.1:1/x': ['refuses the connection; no server runs there'],
    'http://no-such-host.invalid/x': ['There is no server named no-such-host.invalid|could not be looked up just now'],
    'https://127.0.0.1:1/x': ['refuses the connection'],
}


@pytest.mark.parametrize('url', NETWORK)
def test_a_network_that_fails_is_told_with_whose_fault_it_is(world, url):
    result = world.run('check', url)
    assert result.exit_code == 1
    for pattern in NETWORK[url]:
        assert re.search(pattern, result.output)
    assert result.output.count('\n') >= 2, 'and what to do'


# ---------------------------------------------------------------- what needs a process of its own


def said_by(child):
    out, err = child.stdout.decode(), child.stderr.decode()
    assert 'Traceback' not in out + err
    return child.returncode, out, err


@pytest.mark.slow
def test_a_port_that_is_taken_is_told_by_whom(world):
    with socket.socket() as other:
        other.bind(('127.0.0.1', 0))
        other.listen()
        port = other.getsockname()[1]
        code, _, err = said_by(world.child('run', '--port', str(port)))
    assert code == 1
    assert re.search(rf'^aggregator: 127\.0\.0\.1:{port} is in use by \S+ \(pid {os.getpid()}, started ', err)
    assert 'Use --port or stop it.' in err


@pytest.mark.slow
def test_a_data_folder_of_another_daemon_is_told_by_its_pid(world):
    with (world.folder / 'data' / 'daemon.lock').open('w+') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(f'{os.getpid()}\n')
        lock.flush()
        code, _, err = said_by(world.child('run', '--port', '0'))
    assert code == 1
    assert f'is in use by another aggregator daemon (pid {os.getpid()})' in err
    assert '--data' in err


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which('setpriv'), reason='root may read and write everything')
@pytest.mark.parametrize(
    ('path', 'mode', 'words', 'said'),
    [
        ('data', 0o555, ['poll'], r'/data(/aggregator\.db)? cannot be (used|opened or written): .*\n.*--data'),
        (
            'data/aggregator.db',
            0o000,
            ['entries'],
            r'aggregator\.db cannot be opened or written: .*\n.*must be able to',
        ),
        ('feeds.yml', 0o000, ['check'], r'^feeds\.yml:1:1: this file may not be read\n.*give the user'),
    ],
)
def test_what_may_not_be_read_or_written_is_told(world, path, mode, words, said):
    """As a user for whom the bits of a file count; root without the capability to pass over them is one."""
    for left in (world.folder / 'data').glob('aggregator.db-*'):
        left.unlink()  # with its journal there already a database can be written in a folder that cannot
    (world.folder / path).chmod(mode)
    bound = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] if os.geteuid() == 0 else []
    command = [*bound, *world.command(*words)]
    code, out, err = said_by(subprocess.run(command, cwd=world.folder, capture_output=True, timeout=60, check=False))
    (world.folder / path).chmod(0o755)
    assert code in (1, 2)
    assert out == ''
    assert re.search(said, err), err


@pytest.mark.slow
@pytest.mark.parametrize('command', ['entries', 'poll'])
def test_output_that_nobody_reads_ends_it_as_sigpipe_would(world, command):
    """As with `| head -1`: quietly, with the code that a shell gives to a process that SIGPIPE ended."""
    with ExitStack() as closing_:
        read, write = os.pipe()
        closing_.callback(os.close, write)
        os.close(read)
        child = subprocess.run(
            world.command(command), cwd=world.folder, stdout=write, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert (child.returncode, child.stderr) == (141, b'')


@pytest.mark.slow
def test_output_that_finds_no_room_is_told(world):
    with Path('/dev/full').open('wb') as full:
        child = subprocess.run(
            world.command('entries'), cwd=world.folder, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert child.returncode == 1
    assert child.stderr == b'aggregator: the output cannot be written: No space left on device\n'


def test_a_mistake_of_the_program_is_no_traceback_either(world):
    """A table that the schema does not foresee stands for whatever we did not think of."""
    with closing(sqlite3.connect(world.folder.joinpath(*DATABASE))) as broken, broken:
        broken.execute('ALTER TABLE entries RENAME COLUMN title TO heading')
    result = world.run('entries')
    assert result.exit_code == 1
    assert 'it failed inside (OperationalError: ' in result.stderr
    assert '--debug' in result.stderr


def test_a_row_that_feeds_yml_may_not_hold_keeps_no_other_out(world):
    """A reader's list has addresses with a password, or of endless length; the others are what it was made for."""
    before = world.feeds.read_text('utf-8')
    urls = ('https://good.example/f', 'https://me:secret@pass.example/f', f'https://long.example/{"a" * 3000}')
    rows = ''.join(f'<outline type="rss" xmlUrl="{url}"/>' for url in (*urls, f'https://name.example/{"b" * 700}'))
    (world.folder / 'in.opml').write_text(f'<opml version="2.0"><body>{rows}</body></opml>')
    result = world.run('import', 'in.opml')
    assert (result.exit_code, result.stdout) == (0, '2 sources added, 0 there already, 2 left out\n')
    assert 'pass.example/f): an address must not hold a name and password\n' in result.stderr
    assert '): this text has 3,021 characters; 2000 are allowed\n' in result.stderr
    added = [line for line in world.feeds.read_text('utf-8').splitlines() if line not in before.splitlines()]
    assert [line.split()[1][:22] for line in added if 'url:' in line] == [
        'https://good.example/f',
        'https://name.example/b',
    ]
