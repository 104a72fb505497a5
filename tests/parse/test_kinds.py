"""Every kind keeps the same contract: options say what is asked for, documents never break the reader."""

from __future__ import annotations

import dataclasses
import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import parse
from aggregator.model import Entry, ParsedFeed, ParseLimits, Received, Source
from aggregator.parse import KINDS, detail_request, parse_document, with_detail

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
LIMITS = ParseLimits()
OPTIONS = {
    'feed': {},
    'json': {'items': 'data.list', 'fields': {'title': 'title', 'content': 'text'}},
    'page': {'items': 'li', 'detail': {'fields': {'content': '.text'}}},
    'posts': {'path': '/posts'},
}


def built(cls, given):
    """The options class as settings builds it: nested mappings are nested classes."""
    types = {
        'fields': {'JsonOptions': 'Fields', 'Detail': 'Fields', 'PageDetail': 'PageDetailFields'},
        'detail': {'PageOptions': 'PageDetail'},
    }
    module = __import__(cls.__module__, fromlist=['_'])
    values = {}
    for name, value in given.items():
        inner = types.get(name, {}).get(cls.__name__)
        values[name] = built(getattr(module, inner), value) if inner and isinstance(value, dict) else value
    return cls(**values)


def source(kind):
    return Source(name='s', kind=kind, url='http://x.example/', options=built(KINDS[kind].options, OPTIONS[kind]))


def received(body):
    return Received('http://x.example/list', body, NOW)


def test_every_kind_is_tried_here():
    assert set(OPTIONS) == set(KINDS) == {'feed', 'json', 'page', 'posts'}


@pytest.mark.parametrize('kind', KINDS)
def test_options_are_frozen_slotted_and_travel_to_a_worker(kind):
    options = source(kind).options
    assert dataclasses.is_dataclass(options)
    assert not hasattr(options, '__dict__')
    assert pickle.loads(pickle.dumps((parse_document, source(kind)))) == (parse_document, source(kind))
    assert hash(options) == hash(source(kind).options)


@pytest.mark.parametrize('kind', KINDS)
def test_every_option_tells_what_it_is(kind):
    def walk(cls):
        for each in dataclasses.fields(cls):
            assert each.metadata['description'].endswith('.'), (cls, each.name)

    walk(KINDS[kind].options)
    assert KINDS[kind].sentence.endswith('.')


@pytest.mark.parametrize(
    ('kind', 'asked'),
    [
        ('feed', ('http://x.example/',)),
        ('json', ('http://x.example/',)),
        ('page', ('http://x.example/',)),
        ('posts', ()),
    ],
)
def test_requests_of_a_round(kind, asked):
    assert source(kind).options.requests(source(kind)) == asked


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize(
    'body',
    [
        b'',
        b'\0' * 100,
        b'\xff\xfe\xff',
        b'<' * 5000,
        b'[' * 100_000,
        b'{"data":{"list":' + b'[' * 5000,
        b'"' * 5000,
        b'---\n' * 100,
        b'<li>' * 5000,
        b'<div>' * 50_000,
        b'---\ntitle: "\\ud800\\\n---\n',
        '\ud800'.encode('utf-8', 'surrogatepass') * 9,
        b'{"data":{"list":[{"title":"\\ud800","text":"<b>\\udfff"}]}}',
    ],
)
def test_nothing_gets_through(kind, body):
    parsed = parse_document(received(body), source(kind), LIMITS)
    assert isinstance(parsed, ParsedFeed)
    for item in parsed.items:
        repr(item.entry).encode()


@pytest.mark.parametrize('kind', KINDS)
@given(body=st.binary(max_size=300) | st.text(alphabet='<>{}[]"\':,-\n\\ a&;=/li', max_size=200).map(str.encode))
def test_never_raises(kind, body):
    parsed = parse_document(received(body), source(kind), LIMITS)
    assert parsed.failed is False or (not parsed.items and parsed.faults)
    entry, fault = with_detail(Entry(title='t', link='http://x.example/1'), received(body), source(kind), LIMITS)
    assert entry.title == 't' or fault is None


def test_a_source_without_options_has_those_of_its_kind():
    bare = Source(name='s', url='http://x.example/')
    assert detail_request(Entry(link='http://x.example/1'), bare) == ''
    assert isinstance(parse_document(received(b'no feed'), bare, LIMITS), ParsedFeed)


def test_only_lists_have_details():
    entry = Entry(link='http://x.example/1')
    assert {kind: detail_request(entry, source(kind)) for kind in KINDS} == {
        'feed': '',
        'json': '',
        'page': 'http://x.example/1',
        'posts': '',
    }


def test_the_face_of_the_room():
    assert set(parse.__all__) >= {
        'KINDS',
        'parse_document',
        'detail_request',
        'with_detail',
        'feeds_in',
        'well_known',
        'read_opml',
    }
    assert all(hasattr(parse, name) for name in parse.__all__)
    assert parse.__all__ == sorted(parse.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
