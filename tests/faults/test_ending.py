"""How it ends, and that no second one begins."""

from __future__ import annotations

import signal

import pytest
from fault_child import eventually

RUN = ('run', '--port', '0')


@pytest.mark.slow
class TestTheEnd:
    def test_sigterm_ends_it_within_ten_seconds_though_a_source_hangs(self, place, origin):
        origin.latency_s = 60
        with place.start(*RUN) as child:
            child.wait_for('serving')
            eventually(lambda: origin.waiting, 10)
            done, seconds = child.terminate()
        assert (done.code, seconds < 10, 'Traceback' in done.err) == (0, True, False), (done, seconds)

    @pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
    def test_what_was_recorded_is_published(self, place, origin, number):
        with place.start(*RUN) as child:
            child.wait_for('serving')
            child.wait_for('changed')
            child.process.send_signal(number)
            done = child.end()
        assert done.code == 0, done
        assert place.temporary() == []
        assert b'<entry>' in place.documents()['all.atom']

    def test_a_signal_in_the_first_moment(self, place):
        with place.start(*RUN) as child:
            child.process.send_signal(signal.SIGTERM)
            done = child.end()
        assert done.code in (0, -signal.SIGTERM)
        assert 'Traceback' not in done.err.replace('KeyboardInterrupt', '')


@pytest.mark.slow
class TestOneDaemon:
    def test_a_second_one_is_refused_and_told_the_pid(self, place):
        with place.start(*RUN) as first:
            first.wait_for('serving')
            second = place.do(*RUN)
            assert (second.code, f'pid {first.pid}' in second.err) == (1, True), second
            assert 'Traceback' not in second.err
            assert first.process.poll() is None
            assert f'"pid": {first.pid}' in place.do('status', '--json').out

    def test_a_killed_one_refuses_nobody(self, place):
        with place.start(*RUN) as first:
            first.wait_for('serving')
        with place.start(*RUN) as second:
            second.wait_for('serving')
