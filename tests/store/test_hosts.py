"""Holds of hosts: kept over a restart, and no source that leads there is due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model import HostState, SourceState
from aggregator.store import Store


def hold(tale, host='h.example', **more):
    return HostState(host=host, not_before=tale.NOON + timedelta(hours=1), why='it asked', **more)


def save(store, *states):
    with store.writing() as w:
        for state in states:
            w.save_source(state)


def test_a_hold_comes_back_as_it_was(tale):
    with tale.store.writing() as w:
        w.save_host(hold(tale, failures=1))
        w.save_host(hold(tale, failures=2))
        assert w.hosts(['h.example', 'other.example']) == {'h.example': hold(tale, failures=2)}
        w.forget_hosts(tale.NOON)
        assert w.hosts(['h.example'])
        w.forget_hosts(tale.NOON + timedelta(hours=2))
        assert w.hosts(['h.example']) == {}


@pytest.mark.parametrize(
    ('url', 'hosts', 'due'),
    [
        ('https://h.example/a', (), False),
        ('https://user:word@H.example:8443/a', (), False),
        ('https://other.example/a', (), True),
        ('https://other.example/a', ('other.example', 'h.example'), False),
        ('https://h.example/a', ('other.example',), True),
        ('/srv/posts', (), True),
        ('http://[::1', (), True),
        ('', (), True),
    ],
)
def test_no_source_that_leads_to_a_held_host_is_due(tale, url, hosts, due):
    save(tale.store, SourceState(name='a', url=url, hosts=hosts, next_poll_at=tale.NOON))
    with tale.store.writing() as w:
        w.save_host(hold(tale))
    assert tale.store.due(tale.NOON, 9) == (['a'] if due else [])
    assert tale.store.due(tale.NOON + timedelta(hours=1), 9) == ['a']


def test_a_source_that_was_never_asked_waits_as_well(tale):
    save(tale.store, SourceState(name='a', url='https://h.example/'))
    with tale.store.writing() as w:
        w.save_host(hold(tale))
    assert tale.store.due(tale.NOON, 9) == []


def test_the_way_of_a_source_is_the_one_it_went_last(tale):
    state = SourceState(name='a', url='https://a.example/', hosts=('a.example', 'h.example'))
    save(tale.store, state, SourceState(name='b', url='https://h.example/'))
    with tale.store.writing() as w:
        assert [s.name for s in w.sources_of('h.example')] == ['a', 'b']
        w.save_source(SourceState(name='a', url='https://a.example/', hosts=('a.example',)))
        assert [s.name for s in w.sources_of('h.example')] == ['b']
        w.forget_source('b')
        assert w.sources_of('h.example') == []


def test_a_hold_outlives_a_restart(tmp_path, tale):
    with Store.open(tmp_path) as store:
        save(store, SourceState(name='a', url='https://h.example/', next_poll_at=tale.NOON))
        with store.writing() as w:
            w.save_host(hold(tale))
    with Store.open(tmp_path) as store:
        assert store.due(tale.NOON, 9) == []
        assert store.due(tale.NOON + timedelta(hours=2), 9) == ['a']


def test_a_hold_is_found_in_the_transaction_that_made_it(tale):
    with tale.store.writing() as w:
        assert w.hosts(['h.example']) == {}
        w.save_host(hold(tale))
        assert w.hosts(['h.example', 'h.example']) == {'h.example': hold(tale)}
        w.forget_hosts(tale.NOON + timedelta(hours=2))
        assert w.hosts(['h.example']) == {}
