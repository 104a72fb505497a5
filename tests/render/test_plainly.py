"""Errors in the language of the site: every sentence of the fetching room has one in Chinese, and others stay."""

import errno
import inspect
import re
import socket

import pytest

from aggregator.fetch import failure
from aggregator.parse import notfeed
from aggregator.render.plainly import told
from aggregator.render.words import CHINESE, ENGLISH

FAILURES = [
    failure.timed_out(30.0),
    failure.name_failed('a.example', OSError()),
    failure.name_failed('a.example', socket.gaierror(socket.EAI_AGAIN, '')),
    *(failure.connect_failed('a.example', 443, error) for error in (TimeoutError(), OSError(errno.ECONNREFUSED, ''))),
    failure.connect_failed('a.example', 443, OSError(errno.ENETUNREACH, '')),
    failure.connect_failed('a.example', 443, OSError(errno.EPIPE, 'broken')),
    failure.tls_failed('a.example'),
    failure.handshake_late('a.example'),
    failure.certificate_refused('a.example', 'expired'),
    failure.no_http(),
    failure.head_too_large(),
    failure.broken_off(),
    failure.too_large(10),
    failure.address_refused('a.example', '127.0.0.1'),
    *(
        failure.status_failed(status)
        for status in (301, 401, 402, 403, 404, 406, 407, 408, 410, 418, 429, 451, 400, 503)
    ),
]


@pytest.mark.parametrize('failed', FAILURES, ids=str)
def test_a_failure_is_told_in_chinese(failed):
    said = told(str(failed), failed.hint, CHINESE)
    assert said.language == 'zh-CN'
    assert re.search('[\u4e00-\u9fff]', said.what)
    assert bool(said.advice) is bool(failed.hint)
    assert told(str(failed), failed.hint, ENGLISH).what == str(failed)


def test_every_way_to_fail_is_in_the_table():
    makers = [
        name for name, made in inspect.getmembers(failure, inspect.isfunction) if made.__module__ == failure.__name__
    ]
    assert {name for name in makers if not name.startswith('_')} - {'shown'} == {
        'address_refused',
        'broken_off',
        'certificate_refused',
        'connect_failed',
        'handshake_late',
        'head_too_large',
        'name_failed',
        'no_http',
        'status_failed',
        'timed_out',
        'tls_failed',
        'too_large',
    }


def test_a_page_in_place_of_a_feed_is_told_in_chinese():
    hint = notfeed._PAGE_HINT
    assert told('The document is an HTML page with the title “首页”, not a feed.', hint, CHINESE).language == 'zh-CN'


def test_bytes_in_place_of_a_feed_are_told_in_chinese():
    sentence = 'The document is no text: it may be an archive or a picture.'
    assert told(sentence, notfeed._SEE_HINT, CHINESE).language == 'zh-CN'


@pytest.mark.parametrize(('error', 'hint'), [('Something new', ''), ('The server refuses us (403)', 'Something new')])
def test_what_is_not_known_stays_english_and_says_so(error, hint):
    assert told(error, hint, CHINESE) == type(told('', '', ENGLISH))(error, hint, 'en')


def test_endless_sentences_are_cut():
    assert len(told('x' * 10_000, 'y' * 10_000, CHINESE).what) < 300
