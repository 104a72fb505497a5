"""The Link header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.links import hubs_and_self

BASE = 'https://example.org/news/feed'


@pytest.mark.parametrize(
    ('value', 'hubs', 'self_url'),
    [
        ('<https://hub.example/>; rel="hub"', ('https://hub.example/',), ''),
        ('<https://hub.example/>; rel=hub', ('https://hub.example/',), ''),
        ('<https://hub.example/>;REL="HUB"', ('https://hub.example/',), ''),
        ('<//hub.example/a>; rel="nofollow hub"', ('https://hub.example/a',), ''),
        ('<../f>; rel="self hub"', ('https://example.org/f',), 'https://example.org/f'),
        ('<https://a/>; rel=hub, <https://b/>; rel=hub, <https://a/>; rel=hub', ('https://a/', 'https://b/'), ''),
        ('<https://a/>; title="x, <https://evil/>; rel=hub"; rel=self', (), 'https://a/'),
        (r'<https://a/>; title="\"; rel=hub"; rel=self', (), 'https://a/'),
        ('<https://a/,b;c>; rel=self', (), 'https://a/,b;c'),
        ('<https://a/>; rel=self; rel=hub', (), 'https://a/'),
        ('<https://a/>; rel=self, <https://b/>; rel=self', (), 'https://a/'),
        ('<https://a/>; anchor="#x"; rel=hub', (), ''),
        ('<https://a/>; rel*=hub', (), ''),
        ('<https://a/>; rel=hubs', (), ''),
        ('<https://a/>; rel', (), ''),
        ('<javascript:alert(1)>; rel=hub', (), ''),
        ('<https://[>; rel=hub, <https://b/>; rel=hub', ('https://b/',), ''),
        ('<http:///x>; rel=hub', (), ''),
        ('<https://user@a/>; rel=hub', (), ''),
        ('<https://a/; rel=hub', (), ''),
        ('https://a/; rel=hub', (), ''),
        ('<https://a/>; rel="hub', (), ''),
        ('', (), ''),
    ],
)
def test_links(value, hubs, self_url):
    assert hubs_and_self((value,), BASE) == (hubs, self_url)


def test_a_broken_header_does_not_swallow_the_next():
    assert hubs_and_self(('<https://a/>; rel="hub', '<https://b/>; rel=hub'), BASE) == (('https://b/',), '')


def test_only_so_many_hubs():
    many = ', '.join(f'<https://h{n}/>; rel=hub' for n in range(1000))
    hubs, _ = hubs_and_self((many,), BASE)
    assert len(hubs) == 5


@given(st.lists(st.text(alphabet='<>;,="\\ relhubsf:/ab', max_size=80), max_size=3))
def test_nothing_raises(values):
    hubs, self_url = hubs_and_self(tuple(values), BASE)
    assert all(url.startswith(('http://', 'https://')) for url in (*hubs, self_url) if url)
