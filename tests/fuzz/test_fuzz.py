"""A small budget of mutated documents in every run of the tests, and that the fuzzer finds what there is to find."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from fuzz import main
from fuzz_documents import Document, document_of
from fuzz_planted import planted
from fuzz_reduce import blamed, signature, smaller
from fuzz_river import Finding, River
from fuzz_seeds import SEEDS
from fuzz_watch import run
from fuzz_worker import BATCH, Job

DOCUMENTS = 300


def plain(number: int, seed: str = 'rss') -> Document:
    """A document that nobody mutated."""
    made = SEEDS[seed]
    return Document(number, seed, made.dialect, made.body, made.media_type.partition(';')[0], '')


@pytest.mark.slow
def test_a_few_hundred_mutated_documents_do_no_harm(tmp_path):
    seed = random.randrange(10**9)  # another one in each run; pytest-randomly makes it repeatable
    river = River(tmp_path)
    found = [
        f'{finding.told} (python tests/fuzz/fuzz.py --seed {seed} --start {start} --documents {BATCH})'
        for start in range(0, DOCUMENTS, BATCH)
        for finding in river.faults([document_of(seed, number) for number in range(start, start + BATCH)])
    ]
    assert not found, f'seed {seed}'
    assert river.seen.slowest_s < 5, f'seed {seed}, document {river.seen.slowest}'
    assert river.seen.counts['changed'] > DOCUMENTS / 2, 'mutations that nothing survives test nothing'


def test_the_seeds_themselves_are_published_as_they_are(tmp_path):
    river = River(tmp_path)

    assert river.faults([plain(number, name) for number, name in enumerate(SEEDS, 1)]) == []
    assert river.seen.counts['failed'] == 0
    assert river.seen.counts['entries'] >= 14


def test_a_document_is_a_function_of_seed_and_number():
    assert [document_of(1, n) for n in range(40)] == [document_of(1, n) for n in range(40)]
    assert len({document_of(1, n).body for n in range(40)}) > 35
    assert {document_of(1, n).body for n in range(20)}.isdisjoint(document_of(2, n).body for n in range(20))


class TestWhatIsPlantedIsFound:
    def test_an_exception_is_a_finding_of_its_document(self, tmp_path):
        [finding] = River(tmp_path, parse=planted).faults([plain(0), plain(1), plain(2)])

        assert finding.numbers == (0,)
        assert 'KeyError' in finding.told

    def test_bad_output_is_traced_to_its_document_and_that_is_made_small(self, tmp_path):
        river = River(tmp_path, parse=planted)
        documents = [replace(plain(number), body=plain(number).body + b' ' * 400) for number in range(14, 26)]

        findings = river.faults(documents)

        assert {f.told.partition(':')[0] for f in findings} == {'all.atom', 'all.rss', 'all.json', 'category/zong.html'}
        [guilty] = blamed(findings[0], documents, river.faults)
        assert guilty.number == 20
        assert smaller(guilty, findings[0], river.faults).body == b''

    def test_what_takes_several_documents_is_left_with_several(self):
        documents = [plain(number) for number in range(4)]

        def faults(some):
            return [Finding('x', 'both', (0, 3))] if {0, 3} <= {d.number for d in some} else []

        assert len(blamed(Finding('x', 'both', (0, 1, 2, 3)), documents, faults)) == 4

    def test_one_defect_has_one_signature(self):
        one, other = (
            Finding('parse', "KeyError in a.py:f: 'x1'", (1,)),
            Finding('parse', "KeyError in a.py:f: 'y'", (2,)),
        )

        assert signature(one) == signature(other) != signature(Finding('parse', 'ValueError in a.py:f: 7', (3,)))

    @pytest.mark.slow
    def test_who_hangs_dies_or_takes_too_much_is_ended_told_and_left_out(self, tmp_path):
        numbers = (40, 60, 80)
        seed = next(s for s in range(1000) if all(document_of(s, n).dialect == 'xml' for n in numbers))

        total = run([Job(seed, 26, 100, 0, 1, tmp_path, parse=planted)], float('inf'), print, cpu_s=0.5)

        assert total.documents == 74
        assert (total.killed.total(), total.died.total()) == (1, 1)
        assert 'document 40 ' in next(iter(total.killed))
        assert 'document 60 ' in next(iter(total.died))
        assert total.counts['stopped by the memory limit'] == 1
        assert not total.clean
        assert 'killed in visit' in str(total)


@pytest.mark.slow
def test_the_command_runs_one_document_again(tmp_path, capsys):
    assert main(['--seed', '1', '--only', '3', '--folder', str(tmp_path), '--corpus', str(tmp_path / 'none')]) == 0
    assert (tmp_path / '1-3.document').read_bytes() == document_of(1, 3).body
    assert document_of(1, 3).seed in capsys.readouterr().out
