"""Lines of cron: what may stand in one, when it comes true, clocks that are put forward and back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.rules.cron import Cron, CronFault, next_after, read_cron, usual_gap

SHANGHAI = 'Asia/Shanghai'


def local(zone, *parts, fold=0):
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', 'five fields'),
        ('* * * *', 'five fields'),
        ('* * * * * *', 'five fields'),
        ('*/5 ' * 100, 'five fields'),
        ('60 * * * *', '60 is no minute (0-59)'),
        ('* 24 * * *', '24 is no hour (0-23)'),
        ('* * 0 * *', '0 is no day of the month (1-31)'),
        ('* * * 13 *', '13 is no month (1-12)'),
        ('* * * * 8', '8 is no day of the week (0-7)'),
        ('* * * foo *', 'foo is no month'),
        ('5-1 * * * *', '5-1 runs backwards'),
        ('*/0 * * * *', '*/0 has no step'),
        ('*/ * * * *', '*/ has no step'),
        ('*/x * * * *', '*/x has no step'),
        (', * * * *', 'nothing is no minute'),
        ('1- * * * *', 'nothing is no minute'),
        ('-1 * * * *', 'nothing is no minute'),
        ('٣ * * * *', '٣ is no minute'),
        ('0 0 31 2 *', 'no such day'),
    ],
)
def test_what_is_no_line(text, message):
    found = read_cron(text)
    assert isinstance(found, CronFault)
    assert message in found.message


@pytest.mark.parametrize(
    ('text', 'at', 'wanted'),
    [
        ('* * * * *', (2026, 11, 25, 9, 30), (2026, 11, 25, 9, 31)),
        ('*/5 9-15 * * 1-5', (2026, 11, 25, 9, 30), (2026, 11, 25, 9, 35)),
        ('*/5 9-15 * * mon-fri', (2026, 11, 27, 15, 55), (2026, 11, 30, 9, 0)),
        ('0,30 9,13 * * *', (2026, 11, 25, 9, 30), (2026, 11, 25, 13, 0)),
        ('7/20 * * * *', (2026, 11, 25, 9, 7), (2026, 11, 25, 9, 27)),
        ('10-20/5 * * * *', (2026, 11, 25, 9, 20), (2026, 11, 25, 10, 10)),
        ('0 0 * * 7', (2026, 11, 25, 9, 0), (2026, 11, 29, 0, 0)),
        ('0 0 * * 0', (2026, 11, 25, 9, 0), (2026, 11, 29, 0, 0)),
        ('0 0 13 * 5', (2026, 11, 25, 9, 0), (2026, 11, 27, 0, 0)),  # either day
        ('0 0 1 jan,JUL *', (2026, 11, 25, 9, 0), (2027, 1, 1, 0, 0)),
        ('0 0 29 2 *', (2026, 11, 25, 9, 0), (2028, 2, 29, 0, 0)),
        ('59 23 31 12 *', (2026, 12, 31, 23, 59), (2027, 12, 31, 23, 59)),
    ],
)
def test_the_next_time(text, at, wanted):
    cron = read_cron(text)
    assert isinstance(cron, Cron)
    assert next_after(cron, local(SHANGHAI, *at), SHANGHAI) == local(SHANGHAI, *wanted)


def test_an_hour_that_comes_twice_counts_twice_and_one_that_is_missing_does_not():
    berlin, quarter = 'Europe/Berlin', read_cron('*/15 2 * * *')
    autumn = local(berlin, 2026, 10, 25, 2, 45)
    assert next_after(quarter, autumn, berlin) == local(berlin, 2026, 10, 25, 2, 0, fold=1).astimezone(UTC)
    spring = local(berlin, 2026, 3, 29, 1, 0)
    assert next_after(quarter, spring, berlin) == local(berlin, 2026, 3, 30, 2, 0)


@pytest.mark.parametrize(
    ('text', 'gap'),
    [
        ('*/5 9-15 * * 1-5', timedelta(minutes=5)),
        ('0 9,12 * * *', timedelta(hours=3)),
        ('0 9 1 * *', timedelta(days=28)),
        ('no line', timedelta(hours=1)),
    ],
)
def test_about_how_often(text, gap):
    assert usual_gap(text, SHANGHAI) == gap


FIELD = st.tuples(st.integers(0, 59), st.integers(0, 23), st.integers(1, 28), st.integers(1, 12), st.integers(0, 7))
STARS = st.tuples(*[st.booleans()] * 5)


@given(FIELD, STARS, st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # hypothesis wants them naive
def test_whatever_comes_is_later_and_is_what_the_line_says(numbers, stars, at):
    text = ' '.join('*' if star else str(number) for number, star in zip(numbers, stars, strict=True))
    cron = read_cron(text)
    found = next_after(cron, at, 'UTC')
    assert at < found <= at + timedelta(days=9 * 366)
    assert found.second == found.microsecond == 0
    assert found.minute in cron.minutes
    assert found.hour in cron.hours
    assert cron.on(found)


@given(st.text(max_size=60) | st.text('0123456789*/,- ', max_size=60))
def test_no_text_makes_it_stumble(text):
    assert isinstance(read_cron(text), Cron | CronFault)
