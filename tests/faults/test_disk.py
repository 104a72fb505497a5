"""The disk is full, or may not be written: it is said, nothing is lost, and it goes on by itself."""

from __future__ import annotations

import urllib.request

import pytest
from fault_child import INLINE, eventually
from fault_harness import differences_from_twin

RUN = ('run', '--port', '0')


@pytest.fixture
def inline(place, origin):
    """Commands run in this process, and parse in it too."""
    place.configure(origin.rows(), parsing=INLINE)
    return place


@pytest.mark.slow
def test_a_full_disk_is_told_and_survived(place, origin, disk, tmp_path):
    with place.start(*RUN) as child:
        base = child.wait_for(r'serving (http://\S+)').group(1)
        eventually(lambda: len(origin.log) > 2)
        disk.fill()
        child.wait_for('is full')
        assert b'</html>' in urllib.request.urlopen(f'{base}index.html').read()
        assert child.process.poll() is None
        disk.make_room()
        told = len(origin.log)
        eventually(lambda: len(origin.log) > told)
        origin.grows = False
        eventually(origin.settled)
        done, _ = child.terminate()
    assert (done.code, 'Traceback' in done.err) == (0, False), done.err
    assert place.do('poll').code == 0
    assert place.temporary() == []
    assert differences_from_twin(place, origin, tmp_path / 'twin') == []


def test_a_command_on_a_full_disk_fails_in_words(inline, origin, disk, tmp_path):
    assert inline.ask('poll').code == 0
    disk.fill()
    done = [inline.ask('poll') for _ in range(3)][-1]
    assert (done.code, 'full' in done.err, 'Traceback' in done.err) == (1, True, False), done
    disk.make_room()
    origin.grows = False
    assert [inline.ask('poll').code for _ in range(3)][-1] == 0
    assert differences_from_twin(inline, origin, tmp_path / 'twin') == []


def test_a_full_disk_at_the_first_start(inline, disk):
    disk.fill()
    for command in (RUN, ('poll',), ('entries',), ('status',)):
        done = inline.ask(*command)
        assert (done.code, 'Traceback' in done.err, 'it failed inside' in done.err) == (1, False, False), done
    disk.make_room()
    assert inline.ask('poll').code == 0


def test_a_read_only_folder_is_told(inline, disk):
    assert inline.ask('poll').code == 0
    disk.read_only(True)
    for command in (RUN, ('poll',), ('publish',), ('prune',)):
        done = inline.ask(*command)
        assert (done.code, 'ead-only' in done.err or 'readonly' in done.err) == (1, True), done
        assert 'Traceback' not in done.err
        assert done.err.count('\n') <= 3
    disk.read_only(False)
    assert inline.ask('poll').code == 0


def test_what_was_there_can_be_looked_at_on_a_read_only_disk(inline, disk):
    assert inline.ask('poll').code == 0
    said = inline.entries()
    disk.read_only(True)
    assert inline.entries() == said
    assert inline.ask('status').code == 0
