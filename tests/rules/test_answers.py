"""What of an answer a person may see, and when two answers tell the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Answer, HeaderField, Validators
from aggregator.rules.answers import MOST, MOST_ALL, MOST_NAME, MOST_VALUE, digest_of, kept_of

AT = datetime(2026, 11, 25, 4, tzinfo=UTC)
URL = 'https://a.example/rss'
HEADERS = (
    ('Date', 'Wed, 25 Nov 2026 04:00:00 GMT'),
    ('ETag', '"x"'),
    ('Cache-Control', 'max-age=300'),
    ('CF-Ray', '1'),
)


def answer(*headers, status=200, url=URL, **more):
    return Answer(url=URL, final_url=url, status=status, fetched_at=AT, headers=headers, **more)


def but(name, value):
    """The same answer with another value of this field."""
    return answer(*((n, value if n == name else v) for n, v in HEADERS))


def shown(*headers, **ours):
    return [f.value if not f.withheld else None for f in kept_of(answer(*headers), ours).fields]


def test_all_fields_are_kept_in_their_order():
    kept = kept_of(answer(*HEADERS, ('X-A', '1'), ('X-A', '2')), {})
    assert [(f.name, f.value) for f in kept.fields] == [*HEADERS, ('X-A', '1'), ('X-A', '2')]
    assert (kept.status, kept.at, kept.url, kept.left_out) == (200, AT, URL, 0)


@pytest.mark.parametrize(
    'name',
    [
        'Set-Cookie', 'set-cookie2', 'Authorization', 'Proxy-Authorization', 'Authentication-Info', 'X-Auth-Token', 'X-API-Key',
        'apikey', 'X-Amz-Security-Token', 'X-CSRF', 'X-Session-Id', 'X-Password', 'X-Signature', 'X-Client-IP', 'CF-Connecting-IP',
        'X-Real-IP', 'X-Forwarded-For',
    ],
)  # fmt: skip
def test_the_value_of_what_may_be_a_secret_is_not_kept(name):
    kept = kept_of(answer((name, 'precious')), {})
    assert kept.fields == (HeaderField(name, '', withheld=True),)
    assert 'precious' not in repr(kept)


@pytest.mark.parametrize('name', ['WWW-Authenticate', 'ETag', 'Server', 'X-Author', 'Location', 'Age', 'Keep-Alive'])
def test_what_a_person_needs_is_shown(name):
    assert shown((name, 'told')) == ['told']


def test_what_was_configured_is_not_shown_to_others():
    headers = ('X-Echo', 'you said s3cr3t-word'), ('Content-Language', 'zh-Hans-CN')
    assert shown(*headers, Authorization='Bearer s3cr3t-word') == [None, 'zh-Hans-CN']
    assert shown(*headers, **{'X-Mine': 'a=1; b=s3cr3t-word', 'Accept-Language': 'zh-Hans-CN'}) == [None, 'zh-Hans-CN']


def test_who_we_say_we_are_in_an_address_is_not_shown():
    kept = kept_of(answer(('Location', 'https://me:pass@a.example/x@y'), url='https://me:pass@a.example/'), {})
    assert kept.fields[0].value == 'https://a.example/x@y'
    assert kept.url == 'https://a.example/'


def test_many_and_long_fields_are_bounded():
    kept = kept_of(answer(*((f'X-{n}', 'v') for n in range(MOST + 7))), {})
    assert (len(kept.fields), kept.left_out) == (MOST, 7)
    [one] = kept_of(answer(('N' * 1000, 'v' * 1000)), {}).fields
    assert (len(one.name), len(one.value), one.value[-1]) == (MOST_NAME, MOST_VALUE, '…')
    kept = kept_of(answer(*[('X', 'v' * MOST_VALUE)] * MOST), {})
    assert sum(len(f.name) + len(f.value) for f in kept.fields) <= MOST_ALL
    assert len(kept.fields) + kept.left_out == MOST


@pytest.mark.parametrize('name', ['Date', 'CF-Ray'])
def test_answers_that_differ_in_passing_tell_the_same(name):
    assert digest_of(but(name, 'another')) == digest_of(answer(*HEADERS))


@pytest.mark.parametrize(
    'other',
    [
        but('ETag', '"y"'),
        but('Cache-Control', 'no-store'),
        replace(answer(*HEADERS), status=404),
        replace(answer(*HEADERS), status=304),
        replace(answer(*HEADERS), final_url='https://b.example/'),
        answer(*HEADERS[1:]),
        answer(*HEADERS, ('X-New', '')),
    ],
)
def test_answers_that_tell_something_else(other):
    assert digest_of(other) != digest_of(answer(*HEADERS))


UNMODIFIED = answer(*HEADERS, status=304, validators=Validators('"x"', 'yesterday'), max_age=timedelta(minutes=5))


def test_a_304_is_known_by_what_it_means():
    others = tuple((name, f'{value} another') for name, value in HEADERS)
    assert digest_of(replace(UNMODIFIED, headers=others)) == digest_of(UNMODIFIED)


@pytest.mark.parametrize(
    'change',
    [
        {'validators': Validators('"y"', 'yesterday')},
        {'validators': Validators('"x"', 'today')},
        {'max_age': None},
        {'max_age': timedelta(minutes=6)},
        {'final_url': 'https://b.example/'},
        {'headers': HEADERS[1:]},
        {'status': 200},
    ],
)
def test_a_304_that_means_something_else(change):
    assert digest_of(replace(UNMODIFIED, **change)) != digest_of(UNMODIFIED)
