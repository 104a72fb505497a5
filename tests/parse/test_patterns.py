"""No pattern uses what some CPython 3.11 gets wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import aggregator

FILES = sorted(Path(aggregator.__file__).parent.rglob('*.py'))


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.name)
def test_no_group_is_repeated_possessively(file):
    """`(?:a|b)*+` and `(?>…)` match wrongly before CPython 3.11.5 (gh-106052); a single class (`[^<]++`) does not."""
    text = file.read_text('utf-8')
    found = re.findall(r'\)[*+?]\+(?=[^\'"]*[\'"])|\(\?>', text)
    assert found == [] or file.name == 'patterns.py'
