"""What is remembered after a round: validators, nothing where nothing changed, trouble in words, moves, rhythm."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from world import DAY, HOUR, MINUTE, NOW, URL, Reply, World, rss

from aggregator.model import FetchFailed, Validators

WEAK = 'W/"ü, \\"1\\""'
MODIFIED = 'Wed,  25 Nov 2026 03:00:00 GMT'
NEW, OTHER = 'https://new.example/feed', 'https://other.example/feed'


@pytest.fixture
def world():
    world = World()
    world.source()
    return world


def sent(world):
    """The validators of the last request as they arrived at the last stop."""
    found = world.net.sent[-1][1]
    return found.etag, found.last_modified


# ---------------------------------------------------------------- validators (conformance C1, C2)


def test_both_validators_go_back_byte_for_byte(world):
    world.net.at[URL] = Reply(rss('一'), etag=WEAK, modified=MODIFIED)
    world.poll()
    assert sent(world) == ('', '')
    assert world.poll(after=HOUR).conditional
    assert sent(world) == (WEAK, MODIFIED)


def test_a_new_document_replaces_both_or_drops_both(world):
    world.net.at[URL] = Reply(rss('一'), etag=WEAK, modified=MODIFIED)
    world.poll()
    world.net.at[URL] = Reply(rss('一', '二'), modified='later')
    world.poll(after=HOUR)
    world.poll(after=HOUR)
    assert sent(world) == ('', 'later')
    world.net.at[URL] = Reply(rss('三'))
    world.poll(after=HOUR)
    assert world.poll(after=HOUR).conditional is False
    assert sent(world) == ('', '')


@pytest.mark.parametrize('trouble', [Reply(status=500), Reply(status=404), Reply(status=410), Reply(b'<html>no feed')])
def test_trouble_does_not_forget_them(world, trouble):
    good = Reply(rss('一'), etag=WEAK, modified=MODIFIED)
    world.net.at[URL] = good
    world.poll()
    world.net.at[URL] = trouble
    assert world.poll(after=HOUR).outcome == 'failed'
    if trouble.status != 200:  # a document that cannot be read has replaced the one that they were of
        world.net.at[URL] = good
        assert world.poll(after=DAY).outcome == 'not-modified'
        assert sent(world) == (WEAK, MODIFIED)


def test_behind_a_redirect_they_go_to_the_one_that_gave_them(world):
    world.net.at |= {URL: Reply(status=302, to=NEW), NEW: Reply(rss('一'), etag='"n"')}
    world.poll()
    assert world.poll(after=HOUR).outcome == 'not-modified'
    assert [(url, v.etag) for url, v in world.net.sent[-2:]] == [(URL, ''), (NEW, '"n"')]


# ---------------------------------------------------------------- nothing changed


@pytest.mark.parametrize('etag', ['', '"1"'])
def test_the_same_document_changes_nothing_but_the_times(world, etag):
    world.net.at[URL] = Reply(rss('一', '二'), etag=etag)
    world.poll()
    world.store.clear_dirty(world.store.dirty())
    before, state = world.memory(), world.state()
    report = world.poll(after=HOUR)
    assert report.outcome == ('not-modified' if etag else 'same')
    assert world.memory() == before
    assert world.store.dirty() == []
    after = world.state()
    assert after.last_poll_at == NOW + HOUR
    times = {'last_poll_at', 'last_success_at', 'next_poll_at', 'why_next', 'answered'}
    assert replace(after, **{name: getattr(state, name) for name in times}) == state


def test_a_304_leaves_the_max_age_of_the_document(world):
    world.net.at[URL] = Reply(rss('一'), etag='"1"', max_age=2 * HOUR)
    world.poll()
    world.net.at[URL] = Reply(rss('一'), etag='"1"')
    world.poll(after=5 * HOUR)
    state = world.state()
    assert state.next_poll_at >= world.now + 2 * HOUR
    assert state.why_next.startswith('Cache-Control: max-age=7200')
    world.net.at[URL] = Reply(rss('一', '二'), etag='"2"')
    world.poll(after=5 * HOUR)
    assert world.state().max_age is None
    assert world.state().why_next.startswith('every 15m')


# ---------------------------------------------------------------- trouble in words


def test_a_404_is_told_in_words_once_it_has_lasted_days(world):
    world.net.at[URL] = Reply(rss('一'))
    world.poll()
    world.net.at[URL] = Reply(status=404)
    hints, waits = [], []
    for _ in range(30):
        world.poll(after=6 * HOUR)
        hints.append(world.state().hint)
        waits.append(world.state().next_poll_at - world.now)
    assert hints[11] == 'Look'
    assert hints[12] == 'It has been so for 3 days, so it is asked less often now. Look.'
    assert '7 days' in hints[-1]
    assert waits == sorted(waits)
    assert waits[11] <= 6 * HOUR < 21 * HOUR <= waits[12] <= DAY
    assert world.state().why_next == '404 for 7 days: looked for once in 1d'
    world.net.at[URL] = Reply(rss('一', '二'))
    world.poll(after=DAY)
    state = world.state()
    assert (state.state, state.error, state.hint, state.missing_since_at) == ('ok', '', '', None)


def test_other_trouble_ends_a_404_and_no_network_does_not(world):
    world.net.at[URL] = Reply(status=404)
    world.poll()
    since = world.state().missing_since_at
    unreachable = FetchFailed(URL, 'dns', 'There is no server', 'Look')
    fetch, world.net.fetch = world.net.fetch, lambda _: unreachable
    world.poll(after=HOUR)
    assert world.state().missing_since_at == since == NOW
    world.net.fetch = fetch
    world.net.at[URL] = Reply(status=500)
    world.poll(after=HOUR)
    assert world.state().missing_since_at is None


def test_gone_stops_says_so_and_one_command_revives(world):
    world.net.at[URL] = Reply(status=410)
    report = world.poll()
    state = world.state()
    assert (state.state, state.next_poll_at, report.next_poll_at) == ('gone', None, None)
    assert '`aggregator poll NAME`' in state.hint
    assert '410' in state.why_next
    assert world.store.due(NOW + 9999 * DAY, 9) == []
    world.net.at[URL] = Reply(rss('一'))
    world.poll(after=DAY)
    assert world.state().state == 'ok'
    assert world.store.due(world.now + HOUR, 9) == ['甲']


def test_back_off_grows_to_the_cap_and_never_ends(world):
    world.net.at[URL] = Reply(status=500)
    waits = []
    for _ in range(40):
        world.poll(after=DAY)
        waits.append(world.state().next_poll_at - world.now)
    assert waits == sorted(waits)
    assert waits[0] == 15 * MINUTE
    assert 0.9 * DAY <= waits[-1] <= DAY
    assert world.state().failures == 40


# ---------------------------------------------------------------- moves (conformance C5)


def moved_for(world, days, status=301):
    world.net.at |= {URL: Reply(status=status, to=NEW), NEW: Reply(rss('一'), etag='"n"')}
    reports = [world.poll()]
    return reports + [world.poll(after=DAY) for _ in range(days)]


def test_a_move_is_followed_then_believed_then_asked_directly(world):
    reports = moved_for(world, 2)
    assert [r.url for r in world.net.asked] == [URL] * 3
    assert f'moved for good, to {NEW}' in world.state().hint
    reports += [world.poll(after=DAY), world.poll(after=DAY)]
    assert [r.url for r in world.net.asked] == [URL] * 4 + [NEW]
    assert [[f.rule for f in r.faults] for r in reports] == [[], [], [], ['moved'], []]
    assert reports[-1].outcome == 'not-modified'
    assert sent(world) == ('"n"', '')
    assert world.state().hint.startswith(f'{URL} has moved for good; {NEW} is asked')
    assert world.state().state == 'ok'
    assert world.state().url == URL
    assert sum(v == Validators() for u, v in world.net.sent if u == NEW) == 1  # one unconditional request ever


def test_a_temporary_redirect_is_never_remembered(world):
    moved_for(world, 40, status=302)
    assert {r.url for r in world.net.asked} == {URL}
    assert world.state().hint == ''


def test_a_place_that_brings_no_feed_is_not_believed(world):
    world.net.at |= {URL: Reply(status=301, to=NEW), NEW: Reply(b'<html><title>parked</title></html>')}
    for _ in range(9):
        world.poll(after=DAY)
    assert {r.url for r in world.net.asked} == {URL}
    assert world.state().moved_to == ''


@pytest.mark.parametrize('trouble', [Reply(status=404), Reply(status=410), Reply(b'<html>parked</html>')])
def test_a_new_place_that_goes_away_hands_back_to_the_old_one(world, trouble):
    moved_for(world, 3)
    world.net.at |= {NEW: trouble, URL: Reply(rss('一', '二'))}
    world.poll(after=DAY)
    assert world.state().state == 'failing'
    assert world.state().next_poll_at is not None
    world.poll(after=DAY)
    assert [r.url for r in world.net.asked[-2:]] == [NEW, URL]
    assert world.state().state == 'ok'
    assert world.state().hint == ''


def test_validators_of_the_new_place_are_not_sent_to_the_old_one(world):
    moved_for(world, 3)
    world.net.at[NEW] = Reply(rss('一', '二'), etag='"of the new place"')
    world.poll(after=DAY)
    world.net.at |= {NEW: Reply(status=404), URL: Reply(rss('一', '三'))}
    world.poll(after=DAY)
    world.poll(after=DAY)
    assert [(url, v.etag) for url, v in world.net.sent[-2:]] == [(NEW, '"of the new place"'), (URL, '')]


def test_what_was_configured_for_the_old_origin_is_not_told_to_the_new_one(world):
    world.source(headers={'Authorization': 'secret'}, private=True)
    moved_for(world, 4)
    asked = {r.url: (dict(r.headers), r.private) for r in world.net.asked}
    assert asked == {URL: ({'Authorization': 'secret'}, True), NEW: ({}, False)}


def test_who_takes_the_hint_keeps_the_validators(world):
    moved_for(world, 4)
    world.source(url=NEW)
    assert world.poll(after=DAY).outcome == 'not-modified'
    assert sent(world) == ('"n"', '')
    assert (world.state().url, world.state().hint, world.state().address) == (NEW, '', '')


def test_another_address_in_feeds_yml_forgets_them(world):
    moved_for(world, 4)
    world.net.at[OTHER] = Reply(rss('三'), etag='"n"')
    world.source(url=OTHER)
    assert world.poll(after=DAY).outcome == 'changed'
    assert sent(world) == ('', '')


# ---------------------------------------------------------------- rhythm


def test_the_rhythm_comes_from_the_dates_of_a_document(world):
    world.source(adaptive=True)
    dates = ''.join(
        f'<item><title>{n}</title><link>https://a.example/{n}</link>'
        f'<pubDate>Wed, 25 Nov 2026 0{n}:30:00 GMT</pubDate></item>'
        for n in range(4)
    )
    world.net.at[URL] = Reply(b'<rss version="2.0"><channel><title>t</title>' + dates.encode() + b'</channel></rss>')
    world.poll()
    assert world.state().rhythm == tuple(NOW - timedelta(minutes=30) - n * HOUR for n in (3, 2, 1, 0))
    assert world.state().next_poll_at - NOW <= 24 * MINUTE
    assert world.state().why_next.startswith('adaptive')


def test_news_without_dates_were_published_when_they_were_seen(world):
    for n in range(1, 4):
        world.net.at[URL] = Reply(rss(*'一二三'[:n]))
        world.poll(after=HOUR)
        world.poll(after=MINUTE)
    assert world.state().rhythm == tuple(NOW + n * HOUR + (n - 1) * MINUTE for n in (1, 2, 3))


def test_every_decision_is_explained(world):
    for reply in (Reply(rss('一')), Reply(status=500), Reply(status=404), Reply(status=429, retry_after=HOUR)):
        world.net.at[URL] = reply
        report = world.poll(after=DAY)
        assert report.why_next == world.state().why_next != ''
        assert report.next_poll_at == world.state().next_poll_at
