"""The configuration as files: what is read again, what is said, what stays."""

from __future__ import annotations

import pytest
from daemon_made import Town, row, rows

from aggregator.daemon.reload import KEEPS, Configuration, Reloader, version_of
from aggregator.errors import ConfigError

GOOD = rows(row('甲报', 'https://jia.example/rss'))
BETTER = GOOD + row('乙报', 'https://yi.example/rss')
BAD = 'sources:\n  - {name: 甲报, urll: "https://jia.example/rss"}\n'


class Desk:
    """A reloader with all that it told."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.said: list[str] = []
        self.faults: list[str] = []
        self.taken: list[int] = []
        self.loads = 0
        self.configuration = Configuration(self._load, town_files(town))
        self.configuration.read()
        self.reloader = Reloader(
            self.configuration, lambda s: self.taken.append(len(s.sources)), self.said.append, self.faults.append
        )

    def _load(self):
        self.loads += 1
        return self.town.settings()

    def save(self, text: str, **more: str) -> None:
        self.town.write(text, **more)
        self.reloader.look()


def town_files(town: Town):
    return (town.folder / 'feeds.yml', town.folder / 'config' / 'aggregator.yml')


@pytest.fixture
def desk(town: Town) -> Desk:
    town.write(GOOD)
    return Desk(town)


def test_equal_bytes_are_not_read_again(desk):
    desk.save(GOOD)
    assert (desk.loads, desk.taken, desk.said) == (1, [], [])


def test_new_bytes_are_taken_up(desk):
    before = desk.configuration.version
    desk.save(BETTER)
    assert (desk.taken, desk.said) == ([2], [])
    assert desk.configuration.version != before


def test_a_file_of_settings_that_appears_counts(desk):
    desk.save(GOOD, knobs='publishing: {entries: 7}\n')
    assert desk.taken == [1]


def test_a_bad_file_is_told_once_with_its_place_and_changes_nothing(desk):
    version = desk.configuration.version
    desk.save(BAD)
    desk.reloader.look()
    (told,) = desk.said
    assert "feeds.yml:3:21: 'urll' is no key" in told or 'feeds.yml:3:' in told
    assert told.endswith(KEEPS)
    assert desk.faults == [told]
    assert (desk.taken, desk.configuration.version, desk.configuration.is_good) == ([], version, False)


def test_another_bad_file_is_told_again(desk):
    desk.save(BAD)
    desk.save(BAD + '#\n')
    assert len(desk.said) == 2


def test_back_to_what_runs_is_no_reload_and_the_fault_is_over(desk):
    desk.save(BAD)
    desk.save(GOOD)
    assert desk.taken == []
    assert desk.faults[-1] == ''
    assert desk.said[-1] == 'the configuration is the one that runs'


def test_mended_to_something_new_is_taken_up(desk):
    desk.save(BAD)
    desk.save(BETTER)
    assert (desk.taken, desk.faults[-1]) == ([2], '')


@pytest.mark.parametrize(('text', 'wanted'), [(GOOD, 'the configuration is the one that runs'), (BAD, KEEPS)])
def test_a_person_who_asks_gets_an_answer_every_time(desk, text, wanted):
    desk.save(text)
    desk.said.clear()
    desk.reloader.look(asked=True)
    desk.reloader.look(asked=True)
    assert [told.endswith(wanted) for told in desk.said] == [True, True]


def test_a_file_that_is_gone_is_told_and_what_runs_stays(desk):
    (desk.town.folder / 'feeds.yml').unlink()
    desk.reloader.look()
    assert 'feeds.yml:1:1: there is no such file' in desk.said[0]
    assert desk.taken == []


def test_a_file_that_changes_while_it_is_read_is_read_again(town):
    town.write(GOOD)
    later = iter([BETTER])

    def load():
        settings = town.settings()
        for text in later:
            town.write(text)
        return settings

    configuration = Configuration(load, town_files(town))
    assert len(configuration.read().sources) == 2
    assert configuration.version == version_of(configuration.files)


def test_the_first_reading_raises_what_is_wrong(town):
    town.write(BAD)
    with pytest.raises(ConfigError):
        Configuration(town.settings, town_files(town)).read()
