"""Mutation fuzzing of the whole house: `make fuzz ARGS='--documents 1000000'`. What it is for: docs/design/hostile.md.

Ends with 0 where nothing was found, else with 1; what was found stands in the folder, small and with its seed.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE), str(_HERE.parent / 'hostile')]

from fuzz_documents import document_of  # noqa: E402  # their place is known only now
from fuzz_river import River, silence  # noqa: E402
from fuzz_seeds import real_seeds  # noqa: E402
from fuzz_watch import Total, run  # noqa: E402
from fuzz_worker import Job  # noqa: E402

_CHECKOUT = _HERE.parents[1]
_CORPUS = _CHECKOUT.parent / 'shared' / 'corpus' / 'feeds' / 'files'


def main(words: list[str] | None = None) -> int:
    told = _options().parse_args(words)
    seed = random.SystemRandom().randrange(10**9) if told.seed is None else told.seed
    corpus = told.corpus if told.corpus and told.corpus.is_dir() else None
    if told.only is not None:
        return _only(seed, told.only, corpus, told.folder)
    _say(
        f'seed {seed}, {told.documents:,} documents from {told.start} on, {told.jobs} processes, corpus: {corpus or "none"}',
    )
    told.folder.mkdir(parents=True, exist_ok=True)
    last = told.start + told.documents
    jobs = [Job(seed, told.start, last, nth, told.jobs, told.folder, corpus) for nth in range(told.jobs)]
    until = time.monotonic() + told.minutes * 60 if told.minutes else float('inf')
    total = run(jobs, until, _report)
    _report(total)
    return 0 if total.clean else 1


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description='Mutated documents through the whole house.')
    parser.add_argument('--documents', type=int, default=20_000, help='how many')
    parser.add_argument('--seed', type=int, default=None, help='of the run; a new one each time unless given')
    parser.add_argument('--start', type=int, default=0, help='number of the first document: to go on with a run')
    parser.add_argument('--minutes', type=float, default=0, help='stop after so many')
    parser.add_argument('--jobs', type=int, default=os.cpu_count() or 1, help='processes side by side')
    parser.add_argument(
        '--only', type=int, default=None, help='this document of the run alone, and what is wrong with it'
    )
    parser.add_argument('--corpus', type=Path, default=_CORPUS, help='folder of real documents that are mutated too')
    parser.add_argument('--folder', type=Path, default=_CHECKOUT / 'build' / 'fuzz', help='for what is found')
    return parser


def _report(total: Total) -> None:
    _say(f'[{time.strftime("%H:%M:%S")}] {total}')


def _say(text: str) -> None:
    sys.stdout.write(f'{text}\n')
    sys.stdout.flush()


def _only(seed: int, number: int, corpus: Path | None, folder: Path) -> int:
    silence()
    document = document_of(seed, number, real_seeds(corpus) if corpus else ())
    folder.mkdir(parents=True, exist_ok=True)
    body = folder / f'{seed}-{number}.document'
    body.write_bytes(document.body)
    _say(f'{document.seed}, {document.media_type!r}, {document.charset!r}, {len(document.body)} bytes: {body}')
    findings = River(folder / 'scratch').faults([document])
    for finding in findings:
        _say(f'{finding.stage}: {finding.told}')
    return 1 if findings else 0


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does: with what was found
    sys.exit(main())
