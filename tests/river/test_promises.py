"""The promises of the design, on the whole river in one process."""

from __future__ import annotations

import locale
from datetime import timedelta
from itertools import permutations

import pytest
from river_made import item, rss

SITE = 'site: {title: 聚合, url: "https://news.example/", authority: "news.example,2026"}\n'
TWO = """
defaults: {group: g}
sources:
  - {name: 甲报, url: "https://jia.example/rss", category: {from: publisher}}
  - {name: 乙报, url: "https://yi.example/rss", category: 乙报新闻}
"""
JIA = rss(item(1, at=0, text='旧文谈数字经济'), item(2, at=5), item(3, at=9, text='谈数字经济'))
YI = rss(item(1, '第1条（更新）', at=60), item(4, at=20), item(2, link='https://jia.example/2.html?from=app', at=None))


@pytest.fixture
def two(river):
    river.write(SITE + TWO)
    river.net.pages = {'https://jia.example/rss': JIA, 'https://yi.example/rss': YI}
    return river


CHANGES = {
    'an alias': SITE + TWO + 'aliases: {甲报: 某报}\n',
    'a rule that adds': SITE + TWO + 'rules: [{when: {text: 数字经济}, add: 数字经济}]\n',
    'a rule that drops': SITE + TWO + 'rules: [{when: {title: 第3条}, drop: true}]\n',
    'a fixed category': SITE + TWO.replace('{from: publisher}', '财经'),
    'another label': SITE + TWO.replace('{from: publisher}', '{from: publisher, label: "{publisher}要闻"}'),
    'a parameter to drop': SITE + TWO + 'urls: {drop: [from]}\n',
    'no group': SITE + TWO.replace('defaults: {group: g}', ''),
    'the other order': SITE + TWO.replace('甲报, url: "https://jia', 'X').replace('乙报, url: "https://yi', '甲报, url: "https://jia').replace('X', '乙报, url: "https://yi'),
    'a title of a category': SITE + TWO + 'categories: [{label: 乙报新闻, title: 乙报的新闻}]\n',
    'less text': SITE + TWO.replace('name: 甲报,', 'name: 甲报, content: link,'),
    'another title': SITE.replace('聚合', '另一个') + TWO,
}  # fmt: skip


class TestOutputIsAFunctionOfDocumentsAndConfiguration:
    @pytest.mark.parametrize('change', CHANGES)
    def test_after_a_change_every_feed_is_what_a_fresh_database_publishes(self, two, another, change):
        two.poll()
        before = two.public()
        two.write(CHANGES[change])
        two.publish()
        fresh = another()
        fresh.write(CHANGES[change])
        fresh.net.pages = two.net.pages
        fresh.poll()
        after = two.public()
        assert {path: after[path] for path in fresh.public()} == fresh.public()
        assert after != before

    def test_going_back_brings_back_the_same_bytes(self, two):
        two.poll()
        before = two.public()
        two.write(CHANGES['a rule that drops'])
        two.publish()
        two.write(SITE + TWO)
        two.publish()
        assert two.public() == before

    def test_the_order_of_arrival_does_not_change_what_is_said(self, two, another):
        rounds = [('甲报', JIA), ('甲报', rss(item(1, '第1条 改', at=30))), ('乙报', YI)]
        said = []
        for order in permutations(rounds):
            river = another()
            river.write(SITE + TWO)
            for name, body in order:
                river.net.pages = {'https://jia.example/rss': body, 'https://yi.example/rss': body}
                river.poll(name)
            said.append({(e.title, e.content or e.summary, e.labels, e.published_at) for e in river.entries()})
        assert all(s == said[0] for s in said)
        assert ('第1条（更新）' in {title for title, *_ in said[0]}) is True

    def test_nothing_reads_the_clock_while_rendering(self, two):
        two.poll()
        before = two.public()
        two.now += timedelta(days=400)
        two.publish()
        assert two.public() == before

    def test_the_locale_is_left_alone(self, two):
        before = locale.setlocale(locale.LC_ALL, None)
        two.poll()
        assert locale.setlocale(locale.LC_ALL, None) == before


class TestNothingTwice:
    def test_the_same_document_a_hundred_times_changes_nothing(self, two):
        two.poll()
        before, entries = two.public(), two.entries()
        with two.open() as house:
            rows = house.store.counts()
        for _ in range(100):
            two.now += timedelta(minutes=15)
            assert {t.outcome for r in two.poll(reread=True) for t in r.traces} <= {'unchanged'}
        assert (two.public(), two.entries()) == (before, entries)
        with two.open() as house:
            assert house.store.counts() == rows

    def test_a_taken_down_entry_does_not_come_back(self, two):
        two.poll()
        with two.open() as house, house.store.writing() as writer:
            assert writer.takedown('https://jia.example/1.html', two.now)
        two.net.pages['https://jia.example/rss'] = rss(item(1, '第1条 再发', at=90, text='又来'))
        two.poll()
        assert not any('第1条'.encode() in body for path, body in two.public().items())

    def test_a_document_without_entries_is_a_fault_and_takes_nothing_away(self, two):
        two.poll()
        before = two.public()['all.atom']
        two.net.pages['https://jia.example/rss'] = rss()
        report = two.poll('甲报')[0]
        assert (report.outcome, 'no entries' in report.error) == ('failed', True)
        assert two.public()['all.atom'] == before

    def test_a_published_category_answers_for_ever(self, two):
        two.poll()
        assert 'category/jiabao.atom' in two.public()
        two.write(CHANGES['a fixed category'])
        two.publish()
        assert b'<entry>' not in two.public()['category/jiabao.atom']
        assert 'jiabao' not in two.public()['feeds.opml'].decode()


class TestOneBadThingStaysOne:
    def test_a_source_that_fails(self, two):
        del two.net.pages['https://jia.example/rss']
        reports = two.poll()
        assert [r.outcome for r in reports] == ['failed', 'changed']
        assert '第4条' in two.public()['all.atom'].decode()

    def test_a_fault_of_ours_is_told_and_the_others_go_on(self, two):
        class Broken(type(two.net)):
            def fetch(self, request):
                if 'jia' in request.url:
                    raise RuntimeError('a bug')
                return super().fetch(request)

        two.net = Broken(two.net.pages)
        reports = two.poll()
        assert [r.outcome for r in reports] == ['failed', 'changed']
        assert 'the aggregator itself failed' in reports[0].error
