"""Every way of saving a file is noticed, again and again."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from daemon_made import eventually

from aggregator.daemon.watching import places_of, watch_files


def write_in_place(file: Path, text: str) -> None:
    file.write_text(text, 'utf-8')


def rename_over(file: Path, text: str) -> None:
    new = file.with_name(f'.{file.name}.new')
    new.write_text(text, 'utf-8')
    new.replace(file)


def move_away_and_write(file: Path, text: str) -> None:
    """As vim does with a backup."""
    if file.exists():
        file.rename(file.with_name(file.name + '~'))
    file.write_text(text, 'utf-8')


def turn_a_link(file: Path, text: str) -> None:
    target = file.with_name(f'version-{text}')
    target.write_text(text, 'utf-8')
    link = file.with_name('.link')
    link.symlink_to(target.name)
    link.replace(file)


def turn_a_folder(file: Path, text: str) -> None:
    """As a container platform does: file -> current/file, current -> a folder of its own for each version."""
    folder = file.with_name(f'folder-{text}')
    folder.mkdir()
    (folder / file.name).write_text(text, 'utf-8')
    link = file.with_name('.link')
    link.symlink_to(folder.name)
    link.replace(file.with_name('current'))
    if not file.is_symlink():
        file.unlink(missing_ok=True)
        file.symlink_to(Path('current') / file.name)


WAYS = [write_in_place, rename_over, move_away_and_write, turn_a_link, turn_a_folder]


@pytest.fixture
def watched() -> Iterator[Callable[..., list[str]]]:
    """Watch these files; what the first one held each time that something was noticed."""
    stop = threading.Event()
    threads = []

    def begin(*files: Path) -> list[str]:
        seen: list[str] = []
        thread = threading.Thread(target=watch_files, args=(files, lambda: seen.append(text_of(files[0])), stop))
        thread.start()
        threads.append(thread)
        return seen

    yield begin
    stop.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def text_of(file: Path) -> str:
    try:
        return file.read_text('utf-8')
    except OSError:
        return ''


def begun(file: Path, seen: list[str]) -> None:
    """The watch takes a moment to stand; from then on every save is noticed."""
    n = 0
    while not seen:
        n += 1
        rename_over(file, f'begin {n}')
        eventually(lambda: seen, 10.0)


@pytest.mark.slow
@pytest.mark.parametrize('save', WAYS)
def test_a_save_is_noticed_and_the_next_one_too(tmp_path, watched, save):
    file = tmp_path / 'feeds.yml'
    save(file, '0')
    seen = watched(file, tmp_path / 'config' / 'aggregator.yml')
    for text in ('1', '2', '3'):
        save(file, text)
        eventually(lambda text=text: seen[-1:] == [text], 10.0)


@pytest.mark.slow
def test_a_folder_that_appears_is_watched(tmp_path, watched):
    (tmp_path / 'feeds.yml').write_text('x')
    knobs = tmp_path / 'config' / 'aggregator.yml'
    seen = watched(knobs, tmp_path / 'feeds.yml')
    begun(tmp_path / 'feeds.yml', seen)
    knobs.parent.mkdir()
    knobs.write_text('1')
    eventually(lambda: seen[-1] == '1', 10.0)
    rename_over(knobs, '2')
    eventually(lambda: seen[-1] == '2', 10.0)


def names(places) -> set[str]:
    return {p.name for p in places}


def test_the_places_of_a_plain_file(tmp_path):
    file = tmp_path / 'feeds.yml'
    file.touch()
    assert set(places_of([file])) == {file}


def test_the_places_on_the_way_through_links(tmp_path):
    (tmp_path / 'v1').mkdir()
    (tmp_path / 'v1' / 'feeds.yml').touch()
    (tmp_path / 'current').symlink_to('v1')
    (tmp_path / 'feeds.yml').symlink_to('current/feeds.yml')
    found = set(places_of([tmp_path / 'feeds.yml']))
    assert {tmp_path / 'feeds.yml', tmp_path / 'current', tmp_path / 'v1' / 'feeds.yml'} <= found


def test_links_that_lead_in_a_circle_end(tmp_path):
    (tmp_path / 'a').symlink_to('b')
    (tmp_path / 'b').symlink_to('a')
    assert set(places_of([tmp_path / 'a'])) == {tmp_path / 'a', tmp_path / 'b'}


def test_what_is_not_there_yet_is_waited_for_above(tmp_path):
    found = set(places_of([tmp_path / 'x' / 'y' / 'z.yml']))
    assert {tmp_path / 'x', tmp_path / 'x' / 'y', tmp_path / 'x' / 'y' / 'z.yml'} == found


def test_it_ends_where_no_folder_can_be_watched(watched):
    watched(Path('/proc/self/fdinfo/nothing/feeds.yml'))
    assert os.path.isdir('/proc')  # noqa: PTH112
