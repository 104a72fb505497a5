"""Dates as sources write them, against the instants they mean. The source's zone is Shanghai, UTC+8."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.dates import read_date

NOW = datetime(2022, 4, 12, 6, 30, 15, tzinfo=UTC)  # 14:30:15 in Shanghai, a Tuesday

INSTANTS = [
    # RFC 3339, with any separator
    ('2022-04-12T05:57:24Z', '2022-04-12T05:57:24'),
    ('2022-04-12t05:57:24z', '2022-04-12T05:57:24'),
    ('2022-04-12T05:57:24+08:00', '2022-04-11T21:57:24'),
    ('2022-04-12T05:57:24+0800', '2022-04-11T21:57:24'),
    ('2022-04-12T05:57:24+08', '2022-04-11T21:57:24'),
    ('2022-04-12 05:57:24 +0800', '2022-04-11T21:57:24'),
    ('2022-04-12_05:57:24Z', '2022-04-12T05:57:24'),
    ('2022-04-12T05:57:24.123+08:00', '2022-04-11T21:57:24.123000'),
    ('2022-04-12T05:57:24.123456789Z', '2022-04-12T05:57:24.123456'),
    ('2022-04-12T05:57:24-03:30', '2022-04-12T09:27:24'),
    ('2022-04-12T05:57:24−05:00', '2022-04-12T10:57:24'),
    ('2022-04-12T05:57Z', '2022-04-12T05:57:00'),
    ('2022-04-12T23:59:60Z', '2022-04-13T00:00:00'),
    ('2022-04-12T24:00:00Z', '2022-04-13T00:00:00'),
    ('2022-04-12 05:57:24 UTC+8', '2022-04-11T21:57:24'),
    # RFC 822, 2822 and what is near to them
    ('Tue, 12 Apr 2022 05:57:24 GMT', '2022-04-12T05:57:24'),
    ('Tue, 12 Apr 2022 05:57:24 +0800', '2022-04-11T21:57:24'),
    ('Tue, 12 Apr 2022 05:57:24 +0000 (UTC)', '2022-04-12T05:57:24'),
    ('Tue, 12 Apr 2022 05:57:24 UT', '2022-04-12T05:57:24'),
    ('Tue, 12 Apr 2022 05:57:24 Z', '2022-04-12T05:57:24'),
    ('Tue, 12 Apr 2022 05:57:24 EST', '2022-04-12T10:57:24'),
    ('Tue, 12 Apr 2022 05:57:24 PDT', '2022-04-12T12:57:24'),
    ('Tue, 12 Apr 2022 05:57:24 GMT+08:00', '2022-04-11T21:57:24'),
    ('Tue, 12 Apr 2022 05:57:24 CST', '2022-04-11T21:57:24'),  # China's, not America's
    ('Tue, 12 Apr 2022 05:57:24', '2022-04-11T21:57:24'),
    ('Tue, 12 Apr 2022 05:57 +0800', '2022-04-11T21:57:00'),
    ('Tue,12 Apr 2022 05:57:24 GMT', '2022-04-12T05:57:24'),
    ('Mon, 12 Apr 2022 05:57:24 GMT', '2022-04-12T05:57:24'),  # it was a Tuesday
    ('Di, 12 Apr 2022 05:57:24 +0200', '2022-04-12T03:57:24'),
    ('12 Apr 22 05:57:24 Z', '2022-04-12T05:57:24'),
    ('12 April 2022, 05:57', '2022-04-11T21:57:00'),
    ('Tue, 04 APR 2022 05:57:24 GMT', '2022-04-04T05:57:24'),
    ('Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37'),
    ('Sun Nov  6 08:49:37 1994', '1994-11-06T00:49:37'),
    ('Tue Apr 12 05:57:24 CST 2022', '2022-04-11T21:57:24'),
    ('Sun, 20 Apr 2014 8:19 pm CEST', '2014-04-20T18:19:00'),
    ('Apr 12, 2022 5:57 PM', '2022-04-12T09:57:00'),
    ('April 12th, 2022 at 5:57 am', '2022-04-11T21:57:00'),
    ('Sat, Dec 16 2023 02:02:33 PM', '2023-12-16T06:02:33'),
    # without a zone: the source's
    ('2022-04-12 05:57:24', '2022-04-11T21:57:24'),
    ('2022-04-12 05:57:24:123', '2022-04-11T21:57:24.123000'),
    ('2022-04-12 05:57:24.0', '2022-04-11T21:57:24'),
    ('2022-04-12 05:57', '2022-04-11T21:57:00'),
    ('2022/4/12 5:57', '2022-04-11T21:57:00'),
    ('2022.04.12 05:57', '2022-04-11T21:57:00'),
    ('12/31/2022 10:00', '2022-12-31T02:00:00'),
    ('Mon, 04/29/2019 - 18:45', '2019-04-29T10:45:00'),
    ('31.12.2022 10:00', '2022-12-31T02:00:00'),
    ('20220412055724', '2022-04-11T21:57:24'),
    ('20220412T055724Z', '2022-04-12T05:57:24'),
    ('20220412 05:57:24', '2022-04-11T21:57:24'),
    # Chinese
    ('2022年4月12日 05:57', '2022-04-11T21:57:00'),
    ('2022年04月12日05时57分', '2022-04-11T21:57:00'),
    ('2022年04月12日 05时57分24秒', '2022-04-11T21:57:24'),
    ('2022年4月12日 星期二 05:57', '2022-04-11T21:57:00'),
    ('星期二 2022-04-12 05:57', '2022-04-11T21:57:00'),
    ('2022年4月12日（周二）下午3:20', '2022-04-12T07:20:00'),
    ('2022-04-12 上午12:05', '2022-04-11T16:05:00'),
    ('2022-04-12 中午12:05', '2022-04-12T04:05:00'),
    ('２０２２年４月１２日　０５：５７', '2022-04-11T21:57:00'),
    ('\n 2022-04-12\u300005:57:24\t', '2022-04-11T21:57:24'),
    # epochs
    ('1649714244', '2022-04-11T21:57:24'),
    ('1649714244000', '2022-04-11T21:57:24'),
    ('1649714244123', '2022-04-11T21:57:24.123000'),
    ('1649714244.5', '2022-04-11T21:57:24'),
    ('1649714244123456', '2022-04-11T21:57:24.123456'),
    # without a year: the latest that is not in the future
    ('04-12 08:30', '2022-04-12T00:30:00'),
    ('4月12日 08:30', '2022-04-12T00:30:00'),
    ('04-12 14:31', '2021-04-12T06:31:00'),
    ('12-31 08:30', '2021-12-31T00:30:00'),
]

DAYS = [
    ('2022-04-12', '2022-04-11T16:00:00'),
    ('2022/04/12', '2022-04-11T16:00:00'),
    ('2022-4-1', '2022-03-31T16:00:00'),
    ('20220412', '2022-04-11T16:00:00'),
    ('2022年4月12日', '2022-04-11T16:00:00'),
    ('12 Apr 2022', '2022-04-11T16:00:00'),
    ('April 12, 2022', '2022-04-11T16:00:00'),
    ('31/12/2022', '2022-12-30T16:00:00'),
    ('2003-12', '2003-11-30T16:00:00'),
    ('2003', '2002-12-31T16:00:00'),
    ('2月29日', '2020-02-28T16:00:00'),
    ('2026年11月22日', '2026-11-21T16:00:00'),  # a library says 1 November
    ('2026/11/22', '2026-11-21T16:00:00'),
]

RELATIVE = [
    ('今天 08:00', '2022-04-12T00:00:00'),
    ('今天08:00', '2022-04-12T00:00:00'),
    ('昨天 08:00', '2022-04-11T00:00:00'),
    ('前天 下午3点', '2022-04-10T07:00:00'),
    ('yesterday at 08:00', '2022-04-11T00:00:00'),
    ('刚刚', '2022-04-12T06:30:15'),
    ('30秒前', '2022-04-12T06:29:45'),
    ('3分钟前', '2022-04-12T06:27:15'),
    ('2小时前', '2022-04-12T04:30:15'),
    ('半小时前', '2022-04-12T06:00:15'),
    ('约3小时前', '2022-04-12T03:30:15'),
    ('5天前', '2022-04-07T06:30:15'),
    ('1 hour ago', '2022-04-12T05:30:15'),
    ('10 minutes ago', '2022-04-12T06:20:15'),
    ('08:30', '2022-04-12T00:30:00'),
    ('20:30', '2022-04-11T12:30:00'),
]

NO_DATES = [
    'hello',
    '2022-02-30',
    '2021-13-01',
    '0000-01-01',
    '25:00',
    '2022-04-12 25:00',
    '-1',
    '0',
    'null',
    '9' * 200,
]
NO_DATES += [
    '9999-12-31T23:59:59-12:00',
    '2022-04-12T05:57:24+99:00',
    'Tue, 12 Foo 2022 05:57:24 GMT',
    '2022-04-12 5:57 XYZ',
]


@pytest.mark.parametrize(('raw', 'utc'), INSTANTS)
def test_reads_instants(raw, utc):
    stated = read_date(raw, 'Asia/Shanghai', NOW)

    assert stated.at == datetime.fromisoformat(utc).replace(tzinfo=UTC, microsecond=stated.at.microsecond)
    assert '.' not in utc or stated.at.isoformat().startswith(utc)
    assert (stated.relative, stated.day_only) == (False, False)


@pytest.mark.parametrize(('raw', 'utc'), DAYS)
def test_a_day_without_a_time_is_its_midnight_in_the_zone(raw, utc):
    stated = read_date(raw, 'Asia/Shanghai', NOW)

    assert (stated.at.isoformat()[:19], stated.day_only) == (utc, True)


@pytest.mark.parametrize(('raw', 'utc'), RELATIVE)
def test_relative_dates_are_counted_from_the_fetch(raw, utc):
    stated = read_date(raw, 'Asia/Shanghai', NOW)

    assert (stated.at.isoformat()[:19], stated.relative) == (utc, True)


@pytest.mark.parametrize('raw', NO_DATES)
def test_what_is_no_date_is_kept_without_an_instant(raw):
    stated = read_date(raw, 'Asia/Shanghai', NOW)

    assert stated.at is None
    assert stated.raw == raw[:100]


@pytest.mark.parametrize('raw', ['', '  ', '\n\t', '\u3000'])
def test_nothing_stated_is_none(raw):
    assert read_date(raw, 'Asia/Shanghai', NOW) is None


@pytest.mark.parametrize(
    ('raw', 'zone', 'offset'),
    [
        ('2022-04-12 05:57', 'Asia/Shanghai', 480),
        ('2022-04-12T05:57:00Z', 'Asia/Shanghai', 0),
        ('Tue, 12 Apr 2022 05:57:24 EST', 'Asia/Shanghai', -300),
        ('2022-01-12 05:57', 'Europe/Berlin', 60),
        ('2022-07-12 05:57', 'Europe/Berlin', 120),
        ('2022-07-12 05:57', 'America/St_Johns', -150),
        ('1649714244', 'Asia/Shanghai', 480),
        ('2022-07-12 05:57', 'No/Where', 0),
        ('2022-07-12 05:57', '../etc/passwd', 0),
        ('2022-07-12 05:57', '', 0),
    ],
)
def test_the_offset_in_force_is_kept(raw, zone, offset):
    assert read_date(raw, zone, NOW).offset_min == offset


def test_a_time_of_the_day_is_wall_time_where_the_clocks_change():
    stated = read_date('2022-03-27 12:00', 'Europe/Berlin', NOW)  # that day had 23 hours

    assert stated.at == datetime(2022, 3, 27, 10, 0, tzinfo=UTC)


def test_future_and_absurd_dates_come_back_as_stated():
    assert read_date('2099-01-01T00:00:00Z', 'UTC', NOW).at.year == 2099
    assert read_date('Thu, 01 Jan 1970 00:00:00 GMT', 'UTC', NOW).at == datetime(1970, 1, 1, tzinfo=UTC)


def test_the_string_is_kept_in_one_line_and_bounded():
    assert read_date(' 12\n Apr\t2022 ', 'UTC', NOW).raw == '12 Apr 2022'
    assert read_date('12 Apr\x7f 2022', 'UTC', NOW).raw == '12 Apr 2022'
    assert len(read_date('x' * 100_000, 'UTC', NOW).raw) == 100


@given(st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1), timezones=st.timezones()))  # noqa: DTZ001  # bounds are naive
def test_what_python_writes_is_read_back(moment):
    if moment.utcoffset().seconds % 60 == 0:
        assert read_date(moment.isoformat(), 'UTC', NOW).at == datetime.fromisoformat(moment.isoformat())


STANDARD = st.from_regex(
    r'((Mon|Tue|Sun), )?[0-3][0-9] (Jan|Feb|May|Dec) [0-9]{4} [0-2][0-9]:[0-6][0-9]:[0-6][0-9] (GMT|[+-][01][0-9][0-6]0)'
    r'|[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,10})?(Z|[+-][01][0-9]:[0-6]0)',
    fullmatch=True,
)


@given(STANDARD)
def test_standard_dates_are_read_as_any_other_form(raw):
    assert read_date(raw, 'Asia/Shanghai', NOW) == read_date(f' {raw} ', 'Asia/Shanghai', NOW)


@given(st.text(max_size=120) | st.text(alphabet='0123456789 -/:.,T年月日时分上下午前天昨今GMTapr+', max_size=60))
def test_never_raises(raw):
    stated = read_date(raw, 'Asia/Shanghai', NOW)

    assert stated is None or stated.at is None or stated.at.utcoffset().total_seconds() == 0
