"""JSON for programs: as much as the pages show, links of the web only, nothing that no document may hold."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aggregator.model import Fault, HeaderField, LastAnswer, PollReport, SourceNow, SourceState, SourceView
from aggregator.render.api import categories_json, entry_json, source_json, sources_json

EVIL = 'x\u202e\ud800\x00\x1b'


@pytest.mark.parametrize(('content', 'shown'), [('full', True), ('link', False)])
def test_as_much_of_the_text_as_its_source_lets(entry, site, content, shown):
    view = SourceView(name=entry.source, url='https://a.example/', content=content)
    told = json.loads(entry_json(replace(entry, content='<p>正文在此</p>', summary=''), view, site))
    assert ('正文在此' in told['content_html']) is shown


def test_an_entry_that_cannot_be_shown_is_a_fault(entry, site):
    assert isinstance(entry_json(replace(entry, id='no iri'), None, site), Fault)


def test_no_link_runs_and_no_text_holds_what_no_document_may(entry, site, at):
    evil = replace(entry, title=EVIL, link='javascript:alert(1)', identity=EVIL, publisher=EVIL)
    evil = replace(evil, carriers=tuple(replace(c, url='javascript:alert(1)', guid=EVIL) for c in entry.carriers))
    state = SourceState(name=EVIL, state='failing', error=EVIL, moved_to='javascript:alert(1)', why_next=EVIL)
    one = SourceNow(
        view=SourceView(name=EVIL, url='https://user:secret@a.example/'),
        state=state,
        polls=[PollReport(source=EVIL, url=EVIL, at=at, outcome='failed', error=EVIL)],
        answer=LastAnswer(url='data:x', status=200, at=at, fields=(HeaderField(EVIL, EVIL),)),
    )
    for body in (
        entry_json(evil, None, site),
        source_json(one),
        sources_json([one], {'failing': 1}, number=1, pages=1),
    ):
        text = body.decode()
        assert not any(bad in text for bad in ('javascript:', 'data:', 'secret', '\x00', '\x1b', '\\u0000', '\\ud800'))
        json.loads(text)


def test_a_source_that_is_not_asked_any_more_has_no_next_time(at):
    gone = SourceNow(view=SourceView(name='a', url=''), state=SourceState(name='a', state='gone', next_poll_at=at))
    assert json.loads(source_json(gone))['next_poll_at'] is None


def test_a_category_without_a_title_has_its_label(site, categories):
    told = json.loads(categories_json(site, [replace(categories[0], title='')]))['categories'][0]
    assert told['title'] == told['label'] == categories[0].label
    assert told['documents']['atom'] == f'{site.url}category/{categories[0].slug}.atom'
