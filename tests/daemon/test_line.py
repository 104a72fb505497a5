"""The line: who may go now. A table of what must hold, then laws over made-up days."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.daemon.line import AT_ONCE, Bounds, Line

T = 100.0


def line(threads: int = 4, concurrency: int = 1, spacing_s: float = 1.0) -> Line:
    return Line(Bounds(threads=threads, concurrency=concurrency, spacing_s=spacing_s))


def taken(line: Line, now_s: float = T) -> list[str]:
    found = []
    while (name := line.take(now_s)) is not None:
        found.append(name)
    return found


def sources(**hosts: int) -> list[tuple[str, str]]:
    """`a=3`: a0, a1, a2 at host a."""
    return [(f'{host}{n}', host) for host, number in hosts.items() for n in range(number)]


def test_one_of_each_host_goes_and_no_more_than_there_are_threads():
    one = line(threads=3)
    one.renew(sources(a=5, b=2, c=1, d=1), T)
    assert taken(one) == ['a0', 'b0', 'c0']
    assert one.under_way == 3
    assert len(one) == 6


def test_a_host_with_a_backlog_lets_others_go_first():
    one = line(threads=1)
    one.renew(sources(a=1000, b=1), T)
    assert taken(one) == ['a0']
    one.returned('a0', T)
    assert taken(one, T + 5) == ['b0']


def test_hosts_keep_their_turn_when_the_line_is_renewed():
    one = line(threads=1)
    due = sources(a=3, b=3, c=3)
    one.renew(due, T)
    order = []
    for n in range(6):
        now_s = T + 10 * n
        one.renew(due, now_s)
        (name,) = taken(one, now_s)
        one.returned(name, now_s)
        one.release(name)
        order.append(name[0])
    assert order == ['a', 'b', 'c', 'a', 'b', 'c']


def test_a_host_rests_after_a_visit_without_a_thread():
    one = line(threads=4, spacing_s=2.0)
    one.renew(sources(a=2), T)
    assert taken(one) == ['a0']
    one.returned('a0', T + 0.5)
    assert one.under_way == 0
    assert taken(one, T + 2.4) == []
    assert one.wait_s(T + 2.4) == pytest.approx(0.1)
    assert taken(one, T + 2.5) == ['a1']


def test_as_many_of_a_host_at_once_as_it_may_be_asked():
    one = line(concurrency=2, spacing_s=0)
    one.renew(sources(a=5), T)
    assert taken(one) == ['a0', 'a1']


def test_who_is_under_way_or_unrecorded_is_not_sent_again():
    one = line()
    one.renew(sources(a=1), T)
    assert taken(one) == ['a0']
    one.renew(sources(a=1), T)
    assert taken(one) == []
    one.returned('a0', T)
    one.renew(sources(a=1), T + 5)
    assert taken(one, T + 5) == []
    one.release('a0')
    one.renew(sources(a=1), T + 5)
    assert taken(one, T + 5) == ['a0']


def test_who_is_to_rest_is_not_sent_before():
    one = line()
    one.renew(sources(a=1), T)
    taken(one)
    one.returned('a0', T)
    one.release('a0', T + 300)
    one.renew(sources(a=1), T + 299)
    assert taken(one, T + 299) == []
    one.renew(sources(a=1), T + 300)
    assert taken(one, T + 300) == ['a0']


def test_who_is_due_no_more_leaves_the_line():
    one = line(threads=1)
    one.renew(sources(a=1, b=1), T)
    one.renew(sources(b=1), T)
    assert taken(one) == ['b0']


def test_a_renamed_source_comes_back_under_its_new_name():
    one = line()
    one.renew(sources(a=1), T)
    taken(one)
    one.rename('a0', 'neu')
    one.renew([('neu', 'a')], T + 5)
    assert taken(one, T + 5) == []
    one.returned('neu', T + 5)
    one.release('neu')
    one.renew([('neu', 'a')], T + 9)
    assert taken(one, T + 9) == ['neu']


# ------------------------------------------------ the pace


def waking(n: int, wait_s: float, hours: float = 1.0, threads: int = 1000) -> Counter[int]:
    """`n` sources of hosts of their own, all due at once; polls by second until all were asked."""
    one = line(threads=threads)
    left = dict(sources(**{f'h{k}_': 1 for k in range(n)}))
    one.expect(dict.fromkeys(left, wait_s))
    seen: Counter[int] = Counter()
    for second in range(int(hours * 3600)):
        now_s = T + second
        one.renew(left.items(), now_s)
        for name in taken(one, now_s):
            seen[second] += 1
            one.returned(name, now_s)
            one.release(name)
            del left[name]
        if not left:
            break
    assert not left
    return seen


def test_a_thousand_that_wake_together_are_asked_at_no_more_than_twice_the_mean_rate():
    seen = waking(1000, 900.0)
    per_s = 1000 / 900
    assert max(seen.values()) <= AT_ONCE
    assert (
        max(sum(seen[k] for k in range(start, start + 60)) for start in range(0, 500, 10)) <= 2 * per_s * 60 + AT_ONCE
    )
    assert max(seen) == pytest.approx(900 / 2, rel=0.05)


def test_a_few_that_wake_together_are_asked_at_once():
    assert waking(10, 900.0) == {0: 10}


def test_new_ones_are_not_held_back():
    one = line(threads=1000)
    one.renew(sources(**{f'h{k}_': 1 for k in range(500)}), T)
    assert len(taken(one)) == 500


def test_the_pace_follows_the_waits_that_are_given():
    one = line()
    one.expect({'a': 900.0})
    for _ in range(100):
        one.expect_next('a', 2.0)
        one.expect_next('b', 4.0)
    assert one._rate == pytest.approx(2 * (1 / 2 + 1 / 4))


def test_it_tells_when_the_pace_lets_the_next_one_go():
    one = line(threads=1000)
    left = dict(sources(**{f'h{k}_': 1 for k in range(20)}))
    one.expect(dict.fromkeys(left, 900.0))
    one.renew(left.items(), T)
    assert len(taken(one)) == AT_ONCE
    assert one.wait_s(T) == pytest.approx(1.0)
    assert len(taken(one, T + 1.0)) == 1


@given(
    threads=st.integers(1, 5),
    concurrency=st.integers(1, 3),
    spacing_s=st.sampled_from([0.0, 0.5, 2.0]),
    owners=st.lists(st.sampled_from('abcdefgh'), min_size=1, max_size=40),
    steps=st.lists(st.tuples(st.sampled_from(['take', 'back', 'pass', 'renew']), st.integers(0, 9)), max_size=120),
)
def test_no_bound_is_ever_broken_and_everybody_is_asked(threads, concurrency, spacing_s, owners, steps):
    one = line(threads, concurrency, spacing_s)
    due = [(f'{host}{n}', host) for n, host in enumerate(owners)]
    hosts = dict(due)
    now_s, going, free_at, asked = T, [], {}, Counter()
    one.renew(due, now_s)
    for what, n in [*steps, *[('drain', 0)] * (2 * len(due) + 2)]:
        match what:
            case 'pass':
                now_s += n / 4
            case 'renew':
                one.renew([d for d in due if not asked[d[0]]], now_s)
            case 'back' if going:
                name = going.pop(n % len(going))
                one.returned(name, now_s)
                one.release(name)
                free_at[hosts[name]] = now_s + spacing_s
            case 'drain':
                now_s += spacing_s
                for name in going:
                    one.returned(name, now_s)
                    one.release(name)
                    free_at[hosts[name]] = now_s + spacing_s
                going.clear()
        if what in ('take', 'drain') and (name := one.take(now_s)) is not None:
            asked[name] += 1
            going.append(name)
            assert free_at.get(hosts[name], 0) <= now_s
        assert len(going) <= threads
        assert all(count <= concurrency for count in Counter(hosts[g] for g in going).values())
    assert asked == dict.fromkeys(hosts, 1)
