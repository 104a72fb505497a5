"""From a finding to the document that did it, and from that to a small one which still does."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from fuzz_documents import Document
from fuzz_river import Finding

_TRIES: Final = 300  # of smaller documents
_NUMBERS: Final = re.compile(r'\d+')
_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")

Faults = Callable[[Sequence[Document]], Sequence[Finding]]


def signature(finding: Finding) -> str:
    """Equal for findings that are probably one defect."""
    return f'{finding.stage}: {_NUMBERS.sub("#", _QUOTED.sub("…", finding.told))[:160]}'


def blamed(finding: Finding, documents: Sequence[Document], faults: Faults) -> tuple[Document, ...]:
    """The fewest documents, by halves, that together make a finding of this kind."""
    suspects = tuple(d for d in documents if d.number in finding.numbers)
    while len(suspects) > 1:
        half = len(suspects) // 2
        guilty = next((part for part in (suspects[:half], suspects[half:]) if _does(part, finding, faults)), None)
        if guilty is None:  # it takes some of each
            return suspects
        suspects = guilty
    return suspects


def smaller(document: Document, finding: Finding, faults: Faults) -> Document:
    """The document without what is not needed for the finding: stretches go, from half of it down to a byte."""
    tries, size = 0, len(document.body) // 2
    while size >= 1 and tries < _TRIES:
        at = 0
        while at < len(document.body) and tries < _TRIES:
            tries += 1
            cut = replace(document, body=document.body[:at] + document.body[at + size :])
            if _does((cut,), finding, faults):
                document = cut
            else:
                at += size
        size //= 2
    return document


def _does(documents: Sequence[Document], finding: Finding, faults: Faults) -> bool:
    wanted = signature(finding)
    return any(signature(found) == wanted for found in faults(documents))
