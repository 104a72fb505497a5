"""Finding entries by their words, Chinese ones too: each character is a token and a word is a phrase.

Of SQLite's tokenizers `unicode61` finds no word inside a run of Chinese and `trigram` none of two characters; with one
character a token, 数字, 经济 and 数字经济 find 数字经济, and 字数 does not.

Each transaction that writes to the index makes a segment, which is merged with others time and again: for a single
entry that costs more than all else. So entries come into the index by the block, and the few that wait for theirs are
looked through by an index that lives as long as the search.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from sqlite_utils import Database

from aggregator.model import Carrier, Draft, StoredEntry
from aggregator.store.asking import tell
from aggregator.store.codec import storable
from aggregator.store.reading import load_entries

INDEXED = 4000  # characters of a text; 600 take about a millisecond
_READ = 4 * INDEXED  # characters of its HTML
BLOCK = 32  # entries, by their numbers; up to 3 ms of a search while they wait
TEXTS = """
SELECT e.n, e.title, e.publisher, coalesce(c.summary, ''), coalesce(c.content, '')
FROM entries e LEFT JOIN carriers c ON c.seq = e.text_seq WHERE e.n > ? AND e.n <= ? AND e.dropped <= ? ORDER BY e.n
"""
INDEXED_UP_TO = 'SELECT rowid FROM words ORDER BY rowid DESC LIMIT 1'
WAITING = 'CREATE VIRTUAL TABLE temp.waiting USING fts5 (said, tokenize = "unicode61 remove_diacritics 2")'
WAITING_HOLDING = """
SELECT e.n FROM temp.waiting w JOIN entries e ON e.n = w.rowid WHERE waiting MATCH ?
ORDER BY e.published_at DESC, e.id LIMIT ?
"""
NEAR = 64  # newest entries looked through first, for each that is wanted
FAR = 32_768  # and then, before all
# Those published after the oldest of so many newest ones have this number or a higher one.
NEWEST = """
SELECT coalesce(min(n), 0), coalesce(min(published_at), 0) FROM (
    SELECT n, published_at FROM entries WHERE dropped = 0 ORDER BY published_at DESC, id LIMIT ?
)
"""
HOLDING = """
SELECT e.n FROM words w JOIN entries e ON e.n = w.rowid
WHERE words MATCH ? AND w.rowid >= ? AND e.published_at > ? AND e.dropped = 0
ORDER BY e.published_at DESC, e.id LIMIT ?
"""
_EVER = -(2**63)  # microseconds; before every date
_LAST = 2**63 - 1  # number of an entry; after every one
_TAG = re.compile(r'<[^<>]*>')
_FAR = re.compile('[\u2e80-\U0003ffff]')  # one range, so that a text without any is passed through at once
_RUN = re.compile(r'([\u2e80-\u9fff\ua000-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+)')


def index_words(db: Database, before: Mapping[int, StoredEntry], after: Mapping[int, StoredEntry]) -> None:
    """Keeps the index in step with entries that were written, by n; what is deleted leaves it by a trigger."""
    told = {n: entry for n, entry in after.items() if n not in before or _told(before[n]) != _told(entry)}
    if told:
        edge = _indexed_up_to(db)
        texts = {n: _spaced(entry) for n, entry in told.items() if n <= edge}
        tell(db, 'DELETE FROM words WHERE rowid = ?', ((n,) for n in texts))
        tell(db, 'INSERT INTO words (rowid, said) VALUES (?, ?)', texts.items())


def index_new(db: Database, drafts: Mapping[int, Draft], at_hand: Mapping[int, Carrier]) -> None:
    """Indexes the blocks that these entries, by n, have filled; they were not there before.

    Which entries wait follows from their numbers alone, not from the rounds that were recorded together.
    """
    edge = max(drafts, default=0) // BLOCK * BLOCK
    if not edge or edge <= (begun := _indexed_up_to(db)):
        return
    said = {n: _said(draft, at_hand[draft.text]) for n, draft in drafts.items() if draft.text in at_hand and n <= edge}
    if len(said) < edge - begun:
        said |= {n: _joined(*texts) for n, *texts in db.execute(TEXTS, (begun, edge, 1)) if n not in said}
    tell(db, 'INSERT INTO words (rowid, said) VALUES (?, ?)', sorted(said.items()))


def search(db: Database, words: str, limit: int) -> list[StoredEntry]:
    """Entries that hold all the words (separated by blanks), newest first.

    The newest entries are looked through first, and all only where those hold too few: of a word that is everywhere
    nobody wants all the entries ranked, and one that is rare has few.
    """
    phrases = [_phrase(word) for word in storable(words).split()]
    asked = ' AND '.join(phrase for phrase in phrases if phrase)
    if not asked:
        return []
    found = load_entries(db, [*_in_index(db, asked, limit), *_waiting(db, asked, limit)]).values()
    return sorted(found, key=lambda entry: (-entry.published_at.timestamp(), entry.id))[:limit]


def _in_index(db: Database, asked: str, limit: int) -> list[int]:
    for depth in (NEAR * limit, FAR):
        found = _holding(db, asked, limit, *db.execute(NEWEST, (depth,)).fetchone())
        if len(found) == limit:
            return found
    return _holding(db, asked, limit, 0, _EVER)


def _waiting(db: Database, asked: str, limit: int) -> list[int]:
    """Of the entries that are in no filled block yet."""
    waiting = [(n, _joined(*texts)) for n, *texts in db.execute(TEXTS, (_indexed_up_to(db), _LAST, 0))]
    if not waiting:
        return []
    db.execute(WAITING)
    try:
        tell(db, 'INSERT INTO temp.waiting (rowid, said) VALUES (?, ?)', waiting)
        return [n for (n,) in db.execute(WAITING_HOLDING, (asked, limit))]
    finally:
        db.execute('DROP TABLE temp.waiting')


def _indexed_up_to(db: Database) -> int:
    """The last of the entries that are indexed; those after it wait."""
    row = db.execute(INDEXED_UP_TO).fetchone()
    return row[0] if row else 0


def _holding(db: Database, asked: str, limit: int, first: int, after: int) -> list[int]:
    """Of the entries numbered `first` and above and published `after`."""
    return [n for (n,) in db.execute(HOLDING, (asked, first, after, limit))]


def plain(markup: str) -> str:
    """The text of sanitised HTML, as far as it is indexed."""
    return _unescaped(_TAG.sub(' ', markup[:_READ]))[:INDEXED]


def _unescaped(text: str) -> str:
    """Sanitised HTML has four references; others are looked up where there are any."""
    if '&' not in text:
        return text
    bare = text.replace('&nbsp;', '\xa0').replace('&lt;', '<').replace('&gt;', '>')
    return bare.replace('&amp;', '&') if bare.count('&') == bare.count('&amp;') else html.unescape(text)


def _told(entry: StoredEntry) -> tuple[str, ...]:
    return entry.title, entry.publisher, entry.content or entry.summary


def _spaced(entry: StoredEntry) -> str:
    return _joined(entry.title, entry.publisher, entry.summary, entry.content)


def _said(draft: Draft, carrier: Carrier) -> str:
    return _joined(storable(draft.title), storable(draft.publisher), carrier.entry.summary, carrier.entry.content)


def _joined(title: str, publisher: str, summary: str, content: str) -> str:
    return storable(_apart(f'{title}\n{publisher}\n{plain(content or summary)}'.replace('\0', ' ')))


def _apart(text: str) -> str:
    if text.isascii() or not _FAR.search(text):
        return text
    pieces = _RUN.split(text)  # every other one is a run
    pieces[1::2] = map(' '.join, pieces[1::2])
    return ' '.join(pieces)


def _phrase(word: str) -> str:
    """A text in double quotes is a phrase, whatever it holds (sqlite.org/fts5.html, 3.2); '' where it holds no word."""
    spaced = ' '.join(_apart(word.replace('\0', ' ')).replace('"', ' ').split())
    return f'"{spaced}"' if any(character.isalnum() for character in spaced) else ''
