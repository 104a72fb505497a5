"""The User-Agent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch import user_agent


@pytest.mark.parametrize(
    ('told', 'expected'),
    [
        (('0.1.0', 'https://example.org/about', 3), 'aggregator/0.1.0 (+https://example.org/about; 3 subscribers)'),
        (('0.1.0', 'https://example.org/about'), 'aggregator/0.1.0 (+https://example.org/about)'),
        (('0.1.0', 'me@example.org', 1), 'aggregator/0.1.0 (+me@example.org; 1 subscriber)'),
        (('0.1.0', '', 0), 'aggregator/0.1.0 (0 subscribers)'),
        (('0.1.0', ''), 'aggregator/0.1.0'),
        (('0.1.0', 'https://例/新?a=1#b'), 'aggregator/0.1.0 (+https://%E4%BE%8B/%E6%96%B0?a=1#b)'),
        (('0.1.0', 'a\r\nCookie: x'), 'aggregator/0.1.0 (+aCookie:x)'),
        (('0.1.0', 'a)(b;'), 'aggregator/0.1.0 (+a%29%28b%3B)'),
        (('', ''), 'aggregator/0'),
    ],
)
def test_user_agent(told, expected):
    assert user_agent(*told) == expected


@given(st.text(), st.text(), st.none() | st.integers(0))
def test_always_fit_for_a_header(version, contact, subscribers):
    made = user_agent(version, contact, subscribers)
    assert made.isascii()
    assert made.isprintable()
