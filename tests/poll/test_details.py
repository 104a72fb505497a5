"""What was configured for a source is told to the addresses of feeds.yml, and to none that an item names."""

from __future__ import annotations

import json

import pytest
from world import Reply, World

from aggregator.parse.jsonlist import Detail, Fields, JsonOptions
from aggregator.parse.page import PageDetail, PageDetailFields, PageFields, PageOptions

LIST = 'https://a.example/list'
OWN, OTHER = 'https://a.example/1', 'https://b.example/1'


def page(link):
    return PageOptions(
        items='li',
        fields=PageFields(title='a', link='a@href'),
        detail=PageDetail(fields=PageDetailFields(content='p')),
    ), f'<ul><li><a href="{link}">一</a></li></ul>'


def listed(link, url='{link}'):
    options = JsonOptions(
        items='list', fields=Fields(title='t', link='l', code='c'), detail=Detail(url=url, fields=Fields(content='x'))
    )
    return options, json.dumps({'list': [{'t': '一', 'l': link, 'c': 'b.example'}]})


@pytest.mark.parametrize(
    ('made', 'asked', 'trusted'),
    [
        (page(OWN), OWN, True),
        (page(OTHER), OTHER, False),
        (page('https://a.example:8443/1'), 'https://a.example:8443/1', False),
        (page('http://a.example/1'), 'http://a.example/1', False),
        (listed(OWN), OWN, True),
        (listed(OTHER), OTHER, False),
        (listed(OWN, 'https://texts.example/{code}'), 'https://texts.example/b.example', True),
        (listed(OWN, 'https://{code}/1'), OTHER, False),
    ],
)
def test_who_is_trusted(made, asked, trusted):
    options, body = made
    world = World()
    world.net.at[LIST] = Reply(body.encode())
    world.source(url=LIST, kind='json', options=options, headers={'Authorization': 'secret'}, private=True)
    world.poll()
    told = {r.url: (dict(r.headers), r.private) for r in world.net.asked}
    mine = ({'Authorization': 'secret'}, True)
    assert told == {LIST: mine, asked: mine if trusted else ({}, False)}
