"""No pattern of ours uses what some CPython 3.11 gets wrong: https://github.com/python/cpython/issues/106052

Before 3.11.5 a possessive repetition of a group, `(?:a|b)*+`, and an atomic group match wrongly. That of one character
or class, `[^<]++`, does not.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import re._constants as sre
from re._parser import SubPattern, parse

import pytest

import aggregator

MODULES = sorted(m.name for m in pkgutil.walk_packages(aggregator.__path__, 'aggregator.') if '__main__' not in m.name)
ONE = {sre.IN, sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.RANGE}


def patterns_in(value):
    match value:
        case re.Pattern():
            yield value
        case dict():
            yield from (p for v in value.values() for p in patterns_in(v))
        case tuple() | list():
            yield from (p for v in value for p in patterns_in(v))


def risky(tree):
    """Whether a group is repeated possessively, or is atomic, anywhere in the tree."""
    if isinstance(tree, SubPattern):
        return any(risky(node) for node in tree.data)
    if isinstance(tree, tuple) and tree and tree[0] is sre.ATOMIC_GROUP:
        return True
    if isinstance(tree, tuple) and tree and tree[0] is sre.POSSESSIVE_REPEAT:
        inner = tree[1][2]
        return len(inner) != 1 or inner[0][0] not in ONE
    return isinstance(tree, tuple | list) and any(risky(part) for part in tree)


@pytest.mark.parametrize('name', MODULES)
def test_no_group_is_repeated_possessively(name):
    found = [p for value in vars(importlib.import_module(name)).values() for p in patterns_in(value)]
    assert [p.pattern for p in found if risky(parse(p.pattern, p.flags))] == []


def test_the_test_can_fail():
    assert risky(parse(r'x(?:ab|c)*+'))
    assert risky(parse(r'(?>a)'))
    assert not risky(parse(r'[^<]++(?:ab|c)*'))
