"""Pages about sources: state by word, colour and shape; when; what is wrong; every figure in a table too."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import html

from aggregator.model import (
    Answer,
    HeaderField,
    LastAnswer,
    PollReport,
    Source,
    SourceNow,
    SourceState,
    SourceView,
    Validators,
)
from aggregator.render import charts, paper, sourcepages
from aggregator.render.words import CHINESE, ENGLISH
from aggregator.rules.answers import kept_of


def report(at, outcome='not-modified', **more):
    return PollReport(source='甲报', url='https://a.example/', at=at, outcome=outcome, elapsed_ms=7, **more)


@pytest.fixture
def now(at):
    return at + timedelta(minutes=3)


@pytest.fixture
def one(at):
    polls = [
        report(at - timedelta(hours=n), outcome, counts=counts, status=status)
        for n, (outcome, counts, status) in enumerate(
            [
                ('failed', {}, 403),
                ('changed', {'new': 3, 'revised': 1}, 200),
                ('same', {}, 200),
                ('not-modified', {}, 304),
            ]
        )
    ]
    return SourceNow(
        view=SourceView(name='甲报', url='https://user:secret@a.example/rss', link='https://a.example/'),
        state=SourceState(
            name='甲报',
            state='failing',
            error='The server refuses us (403)',
            last_poll_at=at,
            next_poll_at=at + timedelta(hours=2),
            failures=1,
            validators={'u': Validators('W/"x"', 'Mon, 11 Apr 2022 21:57:24 GMT')},
            max_age=timedelta(minutes=5),
        ),
        polls=polls,
        day=31,
    )


def test_a_source_in_a_list(site, one, now):
    page = html.fromstring(sourcepages.sources_page(site, [one], {'failing': 1, 'ok': 2}, now).decode())
    [row] = page.xpath('//li[contains(@class, "source")]')
    assert row.xpath('.//span[@class="state failing"]/span/text()') == ['■']
    assert '抓取失败' in row.text_content()
    assert row.xpath('.//time/@datetime') == ['2022-04-11T21:57:24Z', '2022-04-11T23:57:24Z']
    assert row.xpath('.//time/text()') == ['3 分钟前', '1 小时后']
    assert '24 小时 31 条' in row.text_content()
    assert '服务器拒绝了我们（403）' in row.text_content()
    assert row.xpath('.//svg/@aria-label') == ['最近 4 次：1 次有新条目，2 次没有，1 次失败']
    assert page.xpath('string(//p[@class="lead"])') == '3 个来源，抓取失败 1，正常 2。'


def test_one_source(site, one, now, at, entry):
    source = Source(name='甲报', url='https://a.example/rss')
    shared = [replace(entry, carriers=(*entry.carriers, replace(entry.carriers[0], source='乙报')))]
    body = sourcepages.source_page(site, source, one, [at, at, at - timedelta(days=1)], shared, now)
    page = html.fromstring(body.decode())
    assert b'secret' not in body
    rows = page.xpath('//section[h2="抓取记录"]//tbody/tr')
    assert [row.xpath('string(td[1])') for row in rows] == ['失败', '有变化', '内容相同', '未修改']
    assert [row.xpath('string(td[2])') for row in rows] == ['403', '200', '200', '304']
    hours, days = page.xpath('//table[@class="figures"]')
    assert [tr.xpath('string(td)') for tr in hours.xpath('.//tbody/tr')][5] == '3'
    assert [tr.xpath('string(td)') for tr in days.xpath('.//tbody/tr')] == ['1', '2', '0', '0', '0', '0', '0']
    assert page.xpath('//section[h2="记住的校验值"]//dd/code/text()') == [
        'W/"x"',
        'Mon, 11 Apr 2022 21:57:24 GMT',
        'max-age=300',
    ]
    assert page.xpath('//section[h2="他处也登载"]//li//a/@href')[0].startswith('/entry?id=tag:')
    assert '乙报' in page.xpath('string(//section[h2="他处也登载"])')
    assert len(page.xpath('//a[@href="/source?name=%E4%B9%99%E6%8A%A5"]')) == 1


def test_a_source_that_was_never_asked(site, now):
    one = SourceNow(view=SourceView(name='x', url=''), state=SourceState(name='x'))
    page = html.fromstring(sourcepages.source_page(site, Source(name='x'), one, [], [], now).decode())
    assert '尚未抓取' in page.text_content()
    assert page.xpath('//figure') == []


@pytest.fixture
def answer(at):
    fields = HeaderField('ETag', 'W/"x"'), HeaderField('Set-Cookie', '', withheld=True)
    return LastAnswer(url='https://b.example/rss', status=304, at=at, fields=fields, left_out=12)


def test_the_last_answer(site, one, answer, now):
    body = sourcepages.source_page(site, Source(name='甲报'), replace(one, answer=answer), [], [], now)
    [section] = html.fromstring(body.decode()).xpath('//section[h2="上次回答"]')
    assert (
        section.xpath('string(p[1])') == 'HTTP 304 Not Modified · 2022-04-12 05:57（3 分钟前） · https://b.example/rss'
    )
    assert section.xpath('.//dt//text()') == ['ETag', 'Set-Cookie']
    assert [dd.text_content() for dd in section.xpath('.//dd')] == ['W/"x"', '不显示']
    assert '另有 12 个' in section.text_content()


@pytest.mark.parametrize('status', [0, 299, 999])
def test_a_status_without_a_name_is_a_number(site, one, answer, now, status):
    strange = replace(one, answer=replace(answer, status=status))
    page = html.fromstring(sourcepages.source_page(site, Source(name='甲报'), strange, [], [], now).decode())
    assert page.xpath('string(//section[h2="上次回答"]/p/code)') == f'HTTP {status}'


def test_the_most_that_is_kept_of_an_answer_fits_a_page(site, one, answer, now):
    evil = kept_of(
        Answer(
            url='https://a.example/',
            final_url='https://a.example/?' + '&' * 1000,
            status=200,
            fetched_at=now,
            headers=tuple((f'"&<{n}>' * 5, '\'"<&>\u202e\ufffd' * 20) for n in range(100)),
        ),
        {},
    )
    loud = replace(one, answer=evil, polls=one.polls * 12, view=replace(one.view, rights='权"' * 400))
    body = sourcepages.source_page(site, Source(name='甲报'), loud, [now], [], now)
    assert len(body) < paper.PAGE_BYTES
    assert body.count(b'<script') == 1
    assert html.fromstring(body.decode()).xpath('count(//section[h2="上次回答"]//dt)') == len(evil.fields) > 20


def test_hostile_words_are_text(site, now):
    evil = '"><script>alert(1)</script>\u202e'
    state = SourceState(name=evil, state=evil, error=evil, hint=evil, why_next=evil, moved_to=evil)
    view = SourceView(name=evil, url=evil, link=evil, rights=evil, icon=evil)
    polls = [report(now, evil, counts={evil: 1}, error=evil)]
    one = SourceNow(view=view, state=state, polls=polls)
    for body in (
        sourcepages.sources_page(site, [one], {evil: 1}, now),
        sourcepages.source_page(site, Source(name=evil), one, [], [], now),
    ):
        assert body.count(b'<script') == 1


def test_many_sources_in_trouble_fit_a_page(site, one, now):
    loud = replace(one, state=replace(one.state, error='错' * 900, hint='办' * 900), polls=one.polls * 10)
    rows = [replace(loud, view=replace(one.view, name='源' * 60 + str(n))) for n in range(200)]
    body = sourcepages.sources_page(site, rows, {'failing': 200}, now, number=2, pages=9)
    assert len(body) < paper.PAGE_BYTES
    page = html.fromstring(body.decode())
    assert page.xpath('//nav[@class="turn"]/a/@href') == ['/sources?page=1', '/sources?page=3']


@pytest.mark.parametrize(
    ('seconds', 'chinese', 'english'),
    [
        (0, '刚刚', 'just now'),
        (59, '刚刚', 'just now'),
        (60, '1 分钟前', '1 minute ago'),
        (7199, '1 小时前', '1 hour ago'),
        (7200, '2 小时前', '2 hours ago'),
        (86400 * 29, '29 天前', '29 days ago'),
        (86400 * 31, '2022-03-11', '2022-03-11'),
        (-30, '不到一分钟', 'in less than a minute'),
        (-120, '2 分钟后', 'in 2 minutes'),
    ],
)
def test_how_long_ago(at, seconds, chinese, english):
    there = at - timedelta(seconds=seconds)
    assert paper.ago(there, at, CHINESE) == chinese
    assert paper.ago(there, at, ENGLISH) == english


# ---------------------------------------------------------------- drawings


def test_rounds_differ_by_shape_and_not_by_colour_alone(at):
    polls = [report(at, 'failed'), report(at, 'changed', counts={'new': 1000}), report(at)]
    drawn = str(charts.spark(polls, 30, 'told'))
    tops = {kind: re.search(rf'class="{kind}" d="M\d+ (\d+)h3v(\d+)', drawn) for kind in ('came', 'same', 'failed')}
    above = {kind: int(found[1]) + int(found[2]) <= 14 for kind, found in tops.items()}
    assert above == {'came': True, 'same': True, 'failed': False}
    assert int(tops['came'][2]) > int(tops['same'][2])
    assert f'M{29 * 4} ' in tops['failed'][0], 'the newest is at the right'


@pytest.mark.parametrize('values', [(), (0,), (0, 0), (1, 10**12), (5,) * 48])
def test_columns_stay_inside_their_drawing(values):
    drawn = str(charts.columns(values, ['<n>'] * len(values), 'a "told"'))
    heights = [int(found) for found in re.findall(r' height="(\d+)"', drawn)]
    assert len(heights) == sum(value > 0 for value in values)
    assert all(0 < height <= 64 for height in heights)
    assert '<n>' not in drawn
