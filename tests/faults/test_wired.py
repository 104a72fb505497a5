"""The running program tells how it is: to the service manager, over HTTP, in its log."""

from __future__ import annotations

import json
import socket
import urllib.request

import pytest
from fault_child import Place, eventually

RUN = ('run', '--port', '0')
pytestmark = pytest.mark.slow


@pytest.fixture
def manager(tmp_path):
    """The service manager's socket, and its name."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / 'notify'))
        listener.settimeout(10)
        yield listener, str(tmp_path / 'notify')


def test_the_running_program_tells_how_it_is(place, origin, manager):
    listener, name = manager
    place = Place(place.folder, {'NOTIFY_SOCKET': name, 'WATCHDOG_USEC': '2400000'})
    place.configure(origin.rows(), logging={'format': 'json'})
    with place.start(*RUN) as child:
        base = child.wait_for(r'serving (http://[^ ]+)').group(1)
        assert listener.recv(4096).startswith(b'READY=1')
        assert listener.recv(4096).startswith(b'WATCHDOG=1')
        child.wait_for('"event": "poll"')
        eventually(lambda: urllib.request.urlopen(f'{base}-/healthy').read().startswith(b'ok'))
        eventually(lambda: json.load(urllib.request.urlopen(f'{base}-/status'))['ready'])
        assert urllib.request.urlopen(f'{base}-/ready').status == 200
        # The first sight of a source comes when its first round has ended: the last of the six may still be under way.
        eventually(
            lambda: 'aggregator_sources{state="ok"} 6.0' in urllib.request.urlopen(f'{base}metrics').read().decode()
        )
        metrics = urllib.request.urlopen(f'{base}metrics').read().decode()
        told = json.loads(place.ask('status', '--json').out)
        done, _ = child.terminate()
    assert 'aggregator_tick_age_seconds' in metrics
    assert (told['pid'], told['sources']) == (child.pid, 6)
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert {row['event'] for row in rows} == {'note', 'poll'}
    assert done.err == ''
    listener.setblocking(False)
    said = []
    while not said or not said[-1].startswith(b'STOPPING=1'):
        said.append(listener.recv(4096))
