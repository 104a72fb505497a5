"""How it ends, and that no second one begins."""

from __future__ import annotations

import json
import signal
import socket
from threading import Thread

import pytest
from fault_child import Place, eventually

from aggregator.lock import only_daemon

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


@pytest.mark.slow
class TestHealth:
    def test_a_daemon_is_found_where_it_listens(self, place):
        with place.start(*RUN) as child:
            child.wait_for('serving')
            eventually(lambda: place.ask('health').code == 0)
            told = json.loads(place.ask('health', '--json').out)
            assert (told['ok'], told['pid'], told['reasons']) == (True, child.pid, [])
            assert told['url'].startswith('http://127.0.0.1:')
            assert place.ask('health', '--alive').out == 'ok\n'
        done = place.ask('health')
        assert (done.code, done.out) == (1, f'not ok\nno daemon runs in {place.data}\n')

    def test_one_that_has_stopped_moving_is_told(self, place):
        with place.start(*RUN) as child:
            child.wait_for('serving')
            child.process.send_signal(signal.SIGSTOP)
            done = place.ask('health', '--alive', '--timeout', '0.5')
            child.process.send_signal(signal.SIGCONT)
        assert done.code == 1
        assert f'the daemon (pid {child.pid}) does not answer at http://127.0.0.1:' in done.out

    def test_one_that_has_not_begun_and_one_whose_port_is_gone(self, tmp_path):
        place = Place(tmp_path)
        place.configure([])
        with only_daemon(place.data) as held:
            assert 'has not begun to answer' in place.ask('health').out
            held.sign('http://127.0.0.1:1/')
            assert 'does not answer at http://127.0.0.1:1/' in place.ask('health').out

    @pytest.mark.parametrize('said', ['\x1b[2J', '\u202e', ''])
    def test_what_another_program_answers_is_no_health(self, tmp_path, said):
        place = Place(tmp_path)
        place.configure([])
        with socket.create_server(('127.0.0.1', 0)) as other, only_daemon(place.data) as held:
            held.sign(f'http://127.0.0.1:{other.getsockname()[1]}/')
            Thread(target=_answers, args=(other, said), daemon=True).start()
            done = place.ask('health')
        assert done.code == 1
        assert done.out.replace('\n', '').isprintable()


def _answers(server, said):
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(f'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nyes\n{said}\n'.encode())
