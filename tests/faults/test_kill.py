"""SIGKILL at any instant: nothing recorded is lost, nothing comes twice, no half file, nothing left behind."""

from __future__ import annotations

import pytest
from fault_harness import side_by_side, trouble_with

KILLS, SEED = 25, 20261125


@pytest.mark.slow
def test_what_is_left_is_what_an_undisturbed_twin_has(tmp_path):
    seen = side_by_side(tmp_path, KILLS, SEED, jobs=2, worlds=1)
    assert [(s.faults, s.differences) for s in seen] == [([], [])] * 2, '\n'.join(map(str, seen))
    assert sum(s.kills.total() for s in seen) >= KILLS
    assert all(min(s.documents, s.entries, s.files, s.reads) > 0 for s in seen)


@pytest.mark.parametrize(
    ('name', 'body'),
    [
        ('a.json', b'{"items": ['),
        ('a.atom', b'<feed><entry>'),
        ('a.rss', b''),
        ('a.html', b'<html><body>'),
        ('a.css', b''),
        ('a.html.gz', b'\x1f\x8b'),
        ('a.html.br', b'\x00\x00\x01'),
    ],
)
def test_the_reader_would_notice_half_a_file(name, body):
    assert trouble_with(name, body)
