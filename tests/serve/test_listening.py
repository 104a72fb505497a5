"""Who holds a port, read from a made-up /proc; and the sentences that a person gets."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from aggregator.errors import PortInUse, UsageError
from aggregator.serve.holder import Holder, holder_of
from aggregator.serve.listening import address_of, host_and_port, in_use, listen, listening_warning

ROW = '   0: {address}:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  1000  0 {inode} 1 0 100 0 0 10 0'
LOOPBACK, ANY, LOOPBACK_6 = '0100007F', '00000000', '00000000000000000000000001000000'


@pytest.fixture
def proc(tmp_path):
    """A kernel with two processes: 77 is a stranger without readable files, 4242 holds inode 9001."""
    (tmp_path / 'net').mkdir()
    (tmp_path / 'stat').write_text('cpu  1 2 3\nbtime 1795334400\nprocesses 5\n')  # 2026-11-22 08:00:00 UTC
    (tmp_path / '77').mkdir()
    (tmp_path / '4242/fd').mkdir(parents=True)
    (tmp_path / '4242/fd/0').symlink_to('/dev/null')
    (tmp_path / '4242/fd/7').symlink_to('socket:[9001]')
    (tmp_path / '4242/comm').write_text('py (odd) name\n')
    (tmp_path / '4242/cmdline').write_bytes(b'/usr/bin/python3\0/opt/bin/aggregator\0run\0')
    (tmp_path / '4242/stat').write_text('4242 (py (odd) name) S ' + ' '.join(['0'] * 18) + ' 720000 0 0\n')

    def listening(table, **row):
        given = {'address': LOOPBACK, 'port': 8000, 'state': '0A', 'inode': 9001, **row}
        (tmp_path / 'net' / table).write_text('  sl  local_address …\n' + ROW.format(**given) + '\n')
        return tmp_path

    return listening


def test_the_holder_by_name_pid_and_start(proc):
    holder = holder_of('127.0.0.1', 8000, proc('tcp'))
    assert (holder.name, holder.pid) == ('aggregator', 4242)
    assert holder.started_at >= datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_a_strange_program_has_its_own_name(proc):
    root = proc('tcp')
    (root / '4242/cmdline').write_bytes(b'/usr/bin/python3\0/srv/aggregator-clone/x.py\0')
    assert holder_of('127.0.0.1', 8000, root).name == 'py (odd) name'


@pytest.mark.parametrize(
    ('host', 'table', 'row', 'found'),
    [
        ('127.0.0.1', 'tcp', {'address': ANY}, True),
        ('0.0.0.0', 'tcp', {}, True),
        ('localhost', 'tcp', {}, True),
        ('::1', 'tcp6', {'address': LOOPBACK_6}, True),
        ('127.0.0.2', 'tcp', {}, False),
        ('127.0.0.1', 'tcp', {'port': 8001}, False),
        ('127.0.0.1', 'tcp', {'state': '01'}, False),
        ('127.0.0.1', 'tcp', {'inode': 5}, False),
    ],
)
def test_which_listener_is_in_the_way(proc, host, table, row, found):
    assert (holder_of(host, 8000, proc(table, **row)) is not None) is found


def test_without_a_proc_nobody_knows(tmp_path):
    assert holder_of('127.0.0.1', 8000, tmp_path) is None


NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    ('holder', 'sentence'),
    [
        (
            Holder('aggregator', 4242, datetime(2026, 11, 22, 2, 2, tzinfo=UTC)),
            '127.0.0.1:8000 is in use by aggregator (pid 4242, started 10:02)',
        ),
        (
            Holder('nginx', 7, datetime(2026, 11, 20, 2, 2, tzinfo=UTC)),
            '127.0.0.1:8000 is in use by nginx (pid 7, started 2026-11-20 10:02)',
        ),
        (Holder('nginx', 7, None), '127.0.0.1:8000 is in use by nginx (pid 7)'),
        (None, '127.0.0.1:8000 is in use by another program'),
    ],
)
def test_the_sentence_names_who_has_the_port(holder, sentence):
    error = in_use('127.0.0.1', 8000, holder, NOW)
    assert (str(error), error.hint) == (sentence, 'Use --port or stop it.')


def test_a_port_that_is_taken():
    with listen('127.0.0.1', 0, NOW) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=rf'^127\.0\.0\.1:{port} is in use by .+'):
            listen('127.0.0.1', port, NOW)


@pytest.mark.parametrize(
    ('host', 'port'), [('192.0.2.1', 0), ('a host', 0), ('\udc80', 0), ('127.0.0.1', 70000), ('x' * 300, 0)]
)
def test_an_address_that_is_none(host, port):
    with pytest.raises(UsageError) as caught:
        listen(host, port, NOW)
    assert caught.value.hint


@pytest.mark.parametrize(
    ('host', 'url', 'warns'),
    [
        ('127.0.0.1', 'http://127.0.0.1:8000/', False),
        ('::1', 'http://localhost:8000/', False),
        ('0.0.0.0', 'https://feeds.example.org/', False),
        ('0.0.0.0', 'http://127.0.0.1:8000/', True),
        ('::', 'http://[::1]/', True),
        ('192.0.2.7', 'http://localhost/', True),
    ],
)
def test_whom_the_links_would_mislead(host, url, warns):
    assert bool(listening_warning(host, url)) is warns


@pytest.mark.parametrize(
    ('host', 'url'),
    [
        ('127.0.0.1', 'http://127.0.0.1:80/'),
        ('0.0.0.0', 'http://127.0.0.1:80/'),
        ('::', 'http://[::1]:80/'),
        ('192.0.2.7', 'http://192.0.2.7:80/'),
    ],
)
def test_where_this_machine_reaches_it(host, url):
    assert address_of(host, 80) == url


def test_an_address_of_ipv6_stands_in_brackets():
    assert [host_and_port(host, 8000) for host in ('::1', '127.0.0.1')] == ['[::1]:8000', '127.0.0.1:8000']


def test_a_name_that_leads_nowhere_is_told_without_the_number_of_the_error():
    with pytest.raises(UsageError) as refused:
        listen('nowhere.invalid', 0, NOW)
    assert '[Errno' not in str(refused.value)
    assert str(refused.value).startswith("'nowhere.invalid' is no address to listen on: ")
