"""A process that takes documents through the house, batch after batch, and tells what came of it.

It has the memory that a parser process has. Where it is, and since which of its own CPU seconds, stands in memory that
its parent sees: whoever takes too long is killed from outside, in whatever C function it may be.
"""

from __future__ import annotations

import resource
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator, MutableSequence, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from fuzz_documents import Document, document_of
from fuzz_reduce import blamed, signature, smaller
from fuzz_river import LIMITS, Finding, River, silence
from fuzz_seeds import real_seeds

from aggregator.parse import parse_document

BATCH: Final = 50  # documents that come in together
STAGES: Final = ('start', 'other', 'visit', 'record', 'publish', 'judge')
_EXAMPLES: Final = 2  # of each kind of finding that are looked into
_RESERVE: Final = 16 << 20  # bytes: for what is told after the limit was hit


@dataclass(frozen=True, slots=True)
class Job:
    """Documents of the run `run` from `first` to before `last`; every `step`-th batch from the `nth` on is this one's."""

    run: int
    first: int
    last: int
    nth: int
    step: int
    folder: Path  # for findings
    corpus: Path | None = None
    skip: frozenset[int] = frozenset()  # documents that killed a worker
    parse: Any = parse_document

    def batches(self) -> Iterator[range]:
        for start in range(self.first + self.nth * BATCH, self.last, self.step * BATCH):
            yield range(start, min(start + BATCH, self.last))


@dataclass(slots=True)
class Told:
    """What a worker tells of one batch; `next` is where it goes on."""

    documents: int
    next: int
    counts: Counter[str]
    slowest_s: float
    slowest: int
    grown_bytes: int  # resident memory since it began
    findings: list[tuple[str, str]] = field(default_factory=list)  # kind, and an example in words


def work(job: Job, told: Connection, place: MutableSequence[int]) -> None:
    """Runs until the last batch; each `Told` goes into the pipe. `place`: stage, number, CPU microseconds at its start."""
    silence()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    scratch = job.folder / f'scratch-{job.nth}'
    river = River(scratch, lambda stage, number: _at(place, stage, number), job.parse)
    real = real_seeds(job.corpus) if job.corpus else ()
    river.faults([document_of(0, number) for number in range(1, 20)])  # what is imported late is there now
    river.seen.counts.clear()
    base = _resident()
    limit_memory(LIMITS.memory_bytes)
    looked: Counter[str] = Counter()
    for numbers in job.batches():
        documents = [document_of(job.run, n, real) for n in numbers if n not in job.skip]
        findings = _looked_into(river.faults(documents), documents, river, job, looked)
        seen = river.seen
        told.send(
            Told(len(numbers), numbers.start + job.step * BATCH, Counter(seen.counts), seen.slowest_s, seen.slowest,
                 max(0, _resident() - base), findings)
        )  # fmt: skip
        seen.counts.clear()
        with suppress(OSError):
            shutil.rmtree(scratch)
    told.send(None)


def limit_memory(more: int) -> None:
    """As a parser process is limited: what it has now, and so much more."""
    pages = int(Path('/proc/self/statm').read_text(encoding='ascii').split()[0])
    limit = pages * resource.getpagesize() + more + _RESERVE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _at(place: MutableSequence[int], stage: str, number: int) -> None:
    place[2] = int(time.process_time() * 1e6)
    place[0], place[1] = STAGES.index(stage), number


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _looked_into(
    findings: Sequence[Finding], documents: Sequence[Document], river: River, job: Job, looked: Counter[str]
) -> list[tuple[str, str]]:
    """Each with its kind; of each kind some are traced to a document, made small, and written down."""
    made = []
    for finding in findings:
        kind = signature(finding)
        looked[kind] += 1
        example = ''
        if looked[kind] <= _EXAMPLES:
            example = _written(finding, blamed(finding, documents, river.faults), river, job)
        made.append((kind, example))
    return made


def _written(finding: Finding, guilty: Sequence[Document], river: River, job: Job) -> str:
    """The documents, as small as they get, in a folder of their own; what it is called, and what is wrong."""
    folder = job.folder / f'{job.run}-{guilty[0].number}-{finding.stage}'
    folder.mkdir(parents=True, exist_ok=True)
    for document in guilty:
        small = smaller(document, finding, river.faults) if len(guilty) == 1 else document
        (folder / f'{document.number}-{document.seed}.document').write_bytes(document.body)
        (folder / f'{document.number}-{document.seed}.small').write_bytes(small.body)
    numbers = ', '.join(str(document.number) for document in guilty)
    text = f'run {job.run}, document {numbers} ({guilty[0].seed}, {guilty[0].media_type!r}, {guilty[0].charset!r}): {finding.told}'
    (folder / 'finding.txt').write_text(text + '\n', 'utf-8', 'backslashreplace')
    return text
