"""Finding entries by their words, Chinese ones too: each character is a token and a word is a phrase.

Of SQLite's tokenizers `unicode61` finds no word inside a run of Chinese and `trigram` none of two characters; with one
character a token, 数字, 经济 and 数字经济 find 数字经济, and 字数 does not.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping

from sqlite_utils import Database

from aggregator.model import Carrier, Draft, StoredEntry
from aggregator.store.asking import numbers, tell
from aggregator.store.codec import storable
from aggregator.store.reading import load_entries

INDEXED = 4000  # characters of a text; 600 take about a millisecond
_READ = 4 * INDEXED  # characters of its HTML
TEXTS = 'SELECT seq, summary, content FROM carriers WHERE seq IN (SELECT value FROM json_each(?))'
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
_TAG = re.compile(r'<[^<>]*>')
_FAR = re.compile('[\u2e80-\U0003ffff]')  # one range, so that a text without any is passed through at once
_RUN = re.compile(r'[\u2e80-\u9fff\ua000-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+')


def index_words(db: Database, before: Mapping[int, StoredEntry], after: Mapping[int, StoredEntry]) -> None:
    """Keeps the index in step with entries that were written, by n; what is deleted leaves it by a trigger."""
    texts = {n: _spaced(entry) for n, entry in after.items() if n not in before or _told(before[n]) != _told(entry)}
    tell(db, 'DELETE FROM words WHERE rowid = ?', ((n,) for n in texts))
    tell(db, 'INSERT INTO words (rowid, said) VALUES (?, ?)', texts.items())


def index_new(db: Database, drafts: Mapping[int, Draft], at_hand: Mapping[int, Carrier]) -> None:
    """Indexes entries that were not there before, by n. Texts that are not at hand are read."""
    texts = {seq: (carrier.entry.summary, carrier.entry.content) for seq, carrier in at_hand.items()}
    missing = {draft.text for draft in drafts.values()} - texts.keys()
    if missing:
        texts |= {seq: (summary, content) for seq, summary, content in db.execute(TEXTS, (numbers(missing),))}
    rows = (
        (n, _joined(storable(draft.title), storable(draft.publisher), *texts.get(draft.text, ('', ''))))
        for n, draft in drafts.items()
    )
    tell(db, 'INSERT INTO words (rowid, said) VALUES (?, ?)', rows)


def search(db: Database, words: str, limit: int) -> list[StoredEntry]:
    """Entries that hold all the words (separated by blanks), newest first.

    The newest entries are looked through first, and all only where those hold too few: of a word that is everywhere
    nobody wants all the entries ranked, and one that is rare has few.
    """
    phrases = [_phrase(word) for word in storable(words).split()]
    asked = ' AND '.join(phrase for phrase in phrases if phrase)
    if not asked:
        return []
    for depth in (NEAR * limit, FAR):
        found = _holding(db, asked, limit, *db.execute(NEWEST, (depth,)).fetchone())
        if len(found) == limit:
            return _in_order(db, found)
    return _in_order(db, _holding(db, asked, limit, 0, _EVER))


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


def _in_order(db: Database, ns: Iterable[int]) -> list[StoredEntry]:
    order = list(ns)
    found = load_entries(db, order)
    return [found[n] for n in order]


def _told(entry: StoredEntry) -> tuple[str, ...]:
    return entry.title, entry.publisher, entry.content or entry.summary


def _spaced(entry: StoredEntry) -> str:
    return _joined(entry.title, entry.publisher, entry.summary, entry.content)


def _joined(title: str, publisher: str, summary: str, content: str) -> str:
    return storable(_apart(f'{title}\n{publisher}\n{plain(content or summary)}'.replace('\0', ' ')))


def _apart(text: str) -> str:
    return text if text.isascii() or not _FAR.search(text) else _RUN.sub(lambda run: f' {" ".join(run[0])} ', text)


def _phrase(word: str) -> str:
    """A text in double quotes is a phrase, whatever it holds (sqlite.org/fts5.html, 3.2); '' where it holds no word."""
    spaced = ' '.join(_apart(word.replace('\0', ' ')).replace('"', ' ').split())
    return f'"{spaced}"' if any(character.isalnum() for character in spaced) else ''
