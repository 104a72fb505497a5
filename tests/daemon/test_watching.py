"""Every way of saving a file is noticed, again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
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


def make_the_folder_first(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, 'utf-8')


WAYS = [write_in_place, rename_over, move_away_and_write, turn_a_link, turn_a_folder]


def text_of(file: Path) -> str:
    try:
        return file.read_text('utf-8')
    except OSError:
        return ''


NEVER_MS = 3_600_000  # so that only the folders tell, and no look now and then


@pytest.fixture
def watched() -> Iterator[Callable[..., list[dict[str, str]]]]:
    """Watch these files; what each held, by the name of its folder, every time that something was noticed."""
    stop = threading.Event()
    threads = []

    def begin(*files: Path) -> list[dict[str, str]]:
        seen: list[dict[str, str]] = []
        look = lambda: seen.append({file.parent.name: text_of(file) for file in files})  # noqa: E731
        task = partial(watch_files, files, look, stop, look_ms=NEVER_MS)
        threads.append(threading.Thread(target=task))
        threads[-1].start()
        return seen

    yield begin
    stop.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def begun(file: Path, seen: list[dict[str, str]]) -> None:
    """The watch takes a moment to stand; from then on every save is noticed."""
    for n in range(20):
        rename_over(file, f'{n}')
        with suppress(AssertionError):
            eventually(lambda: seen, 0.8)
            return


@pytest.mark.slow
def test_every_way_of_saving_is_noticed_again_and_again(tmp_path, watched):
    files = {save: tmp_path / save.__name__ / 'feeds.yml' for save in WAYS}
    for save, file in files.items():
        file.parent.mkdir()
        save(file, '0')
    late = tmp_path / 'config' / 'aggregator.yml'
    beat = tmp_path / 'beat' / 'feeds.yml'
    beat.parent.mkdir()
    beat.touch()
    seen = watched(*files.values(), late, beat)
    begun(beat, seen)
    for text in ('1', '2', '3'):
        for save, file in [*files.items(), (make_the_folder_first, late)]:
            save(file, text)
        wanted = {file.parent.name: text for file in [*files.values(), late]}
        eventually(lambda wanted=wanted: seen[-1].items() >= wanted.items(), 60.0)


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
