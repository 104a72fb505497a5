"""A round of publishing: marked categories to documents, then the pages about them, to the folder.

    dirty categories -> entries -> selection -> Feed -> documents -> folder, then the pages that list it all

A category is dirty from the transaction that changed it until its documents are written, so a process that is killed in
between leaves work, never a stale document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from aggregator.model import CategoryState, Fault, Settings
from aggregator.publish.feeds import EVERYTHING, Feeds, began_at
from aggregator.publish.memory import Memory
from aggregator.publish.pages import FRONT, lasting_pages, pages_of
from aggregator.render import FORMATS, paths_of
from aggregator.serve import PublicFolder
from aggregator.store import SOURCES_SHOWN, Store

MADE_WITH = 'made_with'  # the key in `meta`


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did: the paths whose bytes changed, and the entries that a document had to leave out."""

    written: tuple[str, ...] = ()
    unchanged: int = 0
    faults: tuple[Fault, ...] = field(default=())


def publish(  # the last three have a default
    store: Store,
    settings: Settings,
    folder: PublicFolder,
    *,
    everything: bool = False,
    memory: Memory | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Published:
    """Write the documents of all dirty categories, then the pages about them; nothing where nothing is marked.

    With `everything` those of all there are, and no entry as it was rendered before. Who publishes again and again
    brings his `memory`.
    """
    with folder.alone():
        return _publish(store, settings, folder, memory or Memory(), progress, everything=everything)


def _publish(  # as above
    store: Store,
    settings: Settings,
    folder: PublicFolder,
    memory: Memory,
    progress: Callable[[int, int], None],
    *,
    everything: bool,
) -> Published:
    dirty = dict(store.dirty())
    memory.take_up(settings)
    made_with = memory.made_with
    anew = everything
    everything = everything or store.meta(MADE_WITH) != made_with or folder.stamp(FRONT) is None
    if not dirty and not everything:
        return Published()
    with store.one_moment():
        memory.refresh(store, settings)
        categories = {c.slug: c for c in store.categories()}
        feeds = Feeds(store, settings, memory.entries, began_at(store), memory.ttl)
    shown = {EVERYTHING, *(slug for slug, c in categories.items() if c.newest_at or c.published)}
    slugs = sorted(shown if everything else shown & dirty.keys())
    written: list[str] = []
    unchanged = 0
    faults: list[Fault] = []
    for done, slug in enumerate(slugs, 1):
        edition = feeds.edition(categories.get(slug), anew=anew)
        report = folder.write(edition.documents)
        written += report.written
        unchanged += report.unchanged
        faults += edition.faults
        progress(done, len(slugs))
    lasting = lasting_pages(settings) if everything else []
    pages = folder.write([*pages_of(feeds, memory, list(categories.values()), anew=anew), *lasting])
    written += folder.remove(_left_behind(dirty, categories))
    fresh = [slug for slug in slugs if slug and not categories[slug].published]
    with memory.entries.saving(store) as writer:
        writer.clear_dirty(dirty.items())
        if fresh or everything:
            writer.mark_published(fresh)
            writer.set_meta(MADE_WITH, made_with)
    return Published((*written, *pages.written), unchanged + pages.unchanged, tuple(dict.fromkeys(faults)))


def mark_lost(store: Store, folder: PublicFolder) -> None:
    """Mark feeds of which the folder has lost a document, or the bytes of one, so that they are written again.

    A power cut leaves empty files, and folders are cleared, or left behind when the database moves.
    """
    slugs = [EVERYTHING, *(c.slug for c in store.categories() if c.published)]
    if lost := [slug for slug in slugs if not all(map(folder.has_bytes, paths_of(slug)))]:
        with store.writing() as writer:
            writer.mark_dirty(lost)


def _left_behind(dirty: Iterable[str], categories: Mapping[str, CategoryState]) -> list[str]:
    """Documents of a slug that its category has no longer: once they are gone, the address leads to the new one."""
    former = [slug for slug in dirty if slug not in (EVERYTHING, SOURCES_SHOWN, *categories)]
    return [f'category/{slug}.{suffix}' for slug in sorted(former) for suffix in FORMATS]
