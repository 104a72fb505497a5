"""The tables, as an append-only list of steps. A step that has been released is never edited: add another one.

Times are INTEGER microseconds since 1970 UTC: exact, sortable, and compared without parsing.
"""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import complete_statement

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x46454544  # 'FEED' in the header of the file: tells our database from another program's

MIGRATIONS = Migrations('aggregator')

FIRST = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- What is remembered of a source between rounds.
CREATE TABLE sources (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    next_poll_at INTEGER,         -- due is a column: a restart forgets nothing
    memory TEXT NOT NULL          -- the whole SourceState as JSON; the columns before are copies to search in
) WITHOUT ROWID;
CREATE INDEX sources_due ON sources (next_poll_at, name);

-- What was said, as it was said: the documents received, from which all else can be decided again.
CREATE TABLE carriers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of arrival; AUTOINCREMENT never gives a number twice
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    url TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    taken_down INTEGER NOT NULL DEFAULT 0,  -- its keys are blocked, also those that later rules give it
    said TEXT NOT NULL,                     -- Entry as JSON, without the two texts
    summary TEXT NOT NULL,                  -- the long columns come last: a row is read without its overflow pages
    content TEXT NOT NULL,
    UNIQUE (source, digest)                 -- what makes an item a seen one
);

-- Rounds (of the source, from 1) through which a document went on listing a carrier.
CREATE TABLE runs (
    carrier INTEGER NOT NULL REFERENCES carriers (seq) ON DELETE CASCADE,
    page INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (carrier, page, first)
) WITHOUT ROWID;

-- Derived: the names by which carriers find each other.
CREATE TABLE keys (
    key TEXT NOT NULL,
    carrier INTEGER NOT NULL REFERENCES carriers (seq) ON DELETE CASCADE,
    PRIMARY KEY (key, carrier)
) WITHOUT ROWID;
CREATE INDEX keys_of_carrier ON keys (carrier, key);

-- Derived: keys that several items of one document share, and that therefore name nothing.
CREATE TABLE barren (
    key TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE entries (
    n INTEGER PRIMARY KEY AUTOINCREMENT,    -- order of first publication: a join keeps the lower one
    id TEXT NOT NULL UNIQUE,                -- the output id, frozen
    identity TEXT NOT NULL,
    rule TEXT NOT NULL,
    title TEXT NOT NULL,
    link TEXT NOT NULL,
    publisher TEXT NOT NULL,
    authors TEXT NOT NULL,                  -- JSON
    published_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    offset_min INTEGER,                     -- zone in which published was stated
    dated INTEGER NOT NULL,                 -- 0: published_at is when it was first seen
    text_seq INTEGER NOT NULL,              -- carrier whose texts are shown; no foreign key, for it may go first
    fingerprint TEXT NOT NULL,
    revision INTEGER NOT NULL,
    dropped INTEGER NOT NULL                -- by a rule: in no feed
);
-- The feed of everything, read in order. Partial: a dropped entry is in no feed.
CREATE INDEX entries_in_order ON entries (published_at DESC, id) WHERE dropped = 0;

-- Which entry a carrier belongs to. `own`: of the group that speaks.
CREATE TABLE assigned (
    carrier INTEGER PRIMARY KEY REFERENCES carriers (seq) ON DELETE CASCADE,
    entry INTEGER NOT NULL REFERENCES entries (n) ON DELETE CASCADE,
    own INTEGER NOT NULL
);
CREATE INDEX assigned_to ON assigned (entry, carrier);

CREATE TABLE categories (
    n INTEGER PRIMARY KEY AUTOINCREMENT,    -- order of first sight
    label TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL UNIQUE,              -- stored at first sight, never computed again
    title TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 0    -- its documents were written once, so its address answers for ever
);

-- A published category URL answers for ever: where a renamed slug leads.
CREATE TABLE slug_moves (
    slug TEXT PRIMARY KEY,
    label TEXT NOT NULL REFERENCES categories (label)
) WITHOUT ROWID;

-- What `aggregator search` asks; rowid is the n of the entry. Whatever deletes an entry, a trigger deletes its words.
CREATE VIRTUAL TABLE words USING fts5 (said, tokenize = "unicode61 remove_diacritics 2");
CREATE TRIGGER entries_without_words AFTER DELETE ON entries BEGIN
    DELETE FROM words WHERE rowid = old.n;
END;

-- One row for each category of an entry that is shown. The key is the order of a feed: the newest hundred are one seek,
-- which is why published_at and id stand here a second time.
CREATE TABLE entry_categories (
    category INTEGER NOT NULL REFERENCES categories (n),
    published_at INTEGER NOT NULL,
    id TEXT NOT NULL,
    entry INTEGER NOT NULL REFERENCES entries (n) ON DELETE CASCADE,
    PRIMARY KEY (category, published_at DESC, id)
) WITHOUT ROWID;
CREATE INDEX categories_of_entry ON entry_categories (entry, category);

-- Ids that were published and are no longer: folded into another entry (into_id), or removed ('').
CREATE TABLE tombstones (
    id TEXT PRIMARY KEY,
    into_id TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('join', 'retention', 'takedown')),
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tombstones_into ON tombstones (into_id, id);

-- Keys whose entries never come back.
CREATE TABLE blocked (
    key TEXT PRIMARY KEY,
    reason TEXT NOT NULL CHECK (reason IN ('retention', 'takedown')),
    at INTEGER NOT NULL
) WITHOUT ROWID;

-- Categories whose documents must be rendered again; '' is the feed of everything. A mark made again gets a new number,
-- never used before, so that clearing what was published cannot clear what came meanwhile.
CREATE TABLE dirty (
    change INTEGER PRIMARY KEY AUTOINCREMENT,
    slug TEXT NOT NULL UNIQUE
);

CREATE TABLE polls (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    report TEXT NOT NULL                    -- PollReport as JSON, without its traces
);
CREATE INDEX polls_of_source ON polls (source, n);

-- Answers of detail pages, so that an item whose round was lost is not asked for twice.
CREATE TABLE details (
    n INTEGER PRIMARY KEY AUTOINCREMENT,    -- age, for keeping the newest only
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (source, url)
);
CREATE INDEX details_of_source ON details (source, n);
"""


HOSTS = """
-- Hosts that asked us to slow down (RFC 9110, 10.2.3): none of their sources is due before.
CREATE TABLE hosts (
    host TEXT PRIMARY KEY,
    not_before INTEGER NOT NULL,
    why TEXT NOT NULL,
    failures INTEGER NOT NULL               -- times in a row
) WITHOUT ROWID;

-- The hosts that a visit of a source burdens, both sides of a redirect.
CREATE TABLE source_hosts (
    source TEXT NOT NULL REFERENCES sources (name) ON DELETE CASCADE ON UPDATE CASCADE,
    host TEXT NOT NULL,
    PRIMARY KEY (source, host)
) WITHOUT ROWID;
CREATE INDEX source_hosts_by_host ON source_hosts (host, source);
"""

FRAGMENTS = """
-- Entries as they stand in documents (fragments.py). `body` is NULL while it is being made.
CREATE TABLE fragments (
    entry INTEGER NOT NULL REFERENCES entries (n) ON DELETE CASCADE,
    format TEXT NOT NULL,                   -- 'atom'; for a page, which names the other categories: 'html <slug>'
    made_with TEXT NOT NULL,                -- digest of all but the entry that it is made of
    body BLOB,
    PRIMARY KEY (entry, format)
);

-- Whoever changes what an entry is made of makes its fragments void. Whoever adds rows sees to it by himself: a trigger
-- on what every round inserts is a savepoint for every row, and FTS5 writes out its words at each.
CREATE TRIGGER fragments_of_entry AFTER UPDATE ON entries BEGIN
    DELETE FROM fragments WHERE entry = new.n;
END;
CREATE TRIGGER fragments_of_carrier AFTER UPDATE ON carriers BEGIN
    DELETE FROM fragments WHERE entry IN (SELECT entry FROM assigned WHERE carrier = new.seq);
END;
CREATE TRIGGER fragments_of_moved_carrier AFTER UPDATE ON assigned BEGIN
    DELETE FROM fragments WHERE entry IN (old.entry, new.entry);
END;
CREATE TRIGGER fragments_without_carrier AFTER DELETE ON assigned BEGIN
    DELETE FROM fragments WHERE entry = old.entry;
END;
CREATE TRIGGER fragments_without_label AFTER DELETE ON entry_categories BEGIN
    DELETE FROM fragments WHERE entry = old.entry;
END;
CREATE TRIGGER fragments_of_slug AFTER UPDATE OF label, slug ON categories BEGIN
    DELETE FROM fragments WHERE entry IN (SELECT entry FROM entry_categories WHERE category = new.n);
END;
"""


MARKS = """
-- What each document listed last, item by item, so that only its unseen items are read. Lost, it costs one parse.
CREATE TABLE marks (
    source TEXT NOT NULL,
    page INTEGER NOT NULL,
    told TEXT NOT NULL,                     -- Told of each item as JSON
    PRIMARY KEY (source, page)
) WITHOUT ROWID;
"""


SPEAKERS = """
-- The source that spoke when an entry was removed, or through which a category came to life; '' is not known. Who may
-- speak over it is not held by what it left behind.
ALTER TABLE blocked ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE tombstones ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE categories ADD COLUMN source TEXT NOT NULL DEFAULT '';
"""

ANSWERS = """
-- The last answer of each source, for a person to read (LastAnswer as JSON). Written where it tells something else.
CREATE TABLE answers (
    source TEXT PRIMARY KEY,
    answer TEXT NOT NULL
) WITHOUT ROWID;
"""

VOICES = """
-- Several sources of one voice may have spoken for what is gone. All are remembered: the voice ranks as their first.
CREATE TABLE blocked_for (
    key TEXT NOT NULL,
    source TEXT NOT NULL,                   -- '' is not known
    reason TEXT NOT NULL CHECK (reason IN ('retention', 'takedown')),
    at INTEGER NOT NULL,
    PRIMARY KEY (key, source)
) WITHOUT ROWID;
INSERT INTO blocked_for (key, source, reason, at) SELECT key, source, reason, at FROM blocked;
DROP TABLE blocked;
ALTER TABLE blocked_for RENAME TO blocked;

-- Who spoke for the entry that had the id of a tombstone; nobody is there where that is not known.
CREATE TABLE tombstone_speakers (
    id TEXT NOT NULL REFERENCES tombstones (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    PRIMARY KEY (id, source)
) WITHOUT ROWID;
INSERT INTO tombstone_speakers (id, source) SELECT id, source FROM tombstones WHERE source <> '';
ALTER TABLE tombstones DROP COLUMN source;
"""


VOIDED = """
-- Of which entries and sources something shown has changed, in order: whoever remembers them looks here what is of
-- before. An entry's fragments go with it. The newest row is never deleted, so no number is given twice.
CREATE TABLE voided (
    change INTEGER PRIMARY KEY,
    entry INTEGER,                          -- NULL: it is about a source
    source TEXT                             -- '' for all of them
);
INSERT INTO voided (source) VALUES ('');
CREATE TRIGGER fragments_voided AFTER INSERT ON voided WHEN new.entry IS NOT NULL BEGIN
    DELETE FROM fragments WHERE entry = new.entry;
END;

DROP TRIGGER fragments_of_entry;
DROP TRIGGER fragments_of_carrier;
DROP TRIGGER fragments_of_moved_carrier;
DROP TRIGGER fragments_without_carrier;
DROP TRIGGER fragments_without_label;
DROP TRIGGER fragments_of_slug;
CREATE TRIGGER voided_entry AFTER UPDATE ON entries BEGIN
    INSERT INTO voided (entry) VALUES (new.n);
END;
CREATE TRIGGER voided_by_carrier AFTER UPDATE ON carriers BEGIN
    INSERT INTO voided (entry) SELECT entry FROM assigned WHERE carrier = new.seq;
END;
CREATE TRIGGER voided_by_moved_carrier AFTER UPDATE ON assigned BEGIN
    INSERT INTO voided (entry) VALUES (old.entry), (new.entry);
END;
CREATE TRIGGER voided_without_carrier AFTER DELETE ON assigned BEGIN
    INSERT INTO voided (entry) VALUES (old.entry);
END;
CREATE TRIGGER voided_without_label AFTER DELETE ON entry_categories BEGIN
    INSERT INTO voided (entry) VALUES (old.entry);
END;
CREATE TRIGGER voided_by_slug AFTER UPDATE OF label, slug ON categories BEGIN
    INSERT INTO voided (entry) SELECT entry FROM entry_categories WHERE category = new.n;
END;

-- There are no claims any more: a body that is not there yet has no row.
DELETE FROM fragments WHERE body IS NULL;
"""


@MIGRATIONS(name='0001-first')
def _first(db: Database) -> None:
    _run(db, FIRST)


@MIGRATIONS(name='0002-hosts')
def _hosts(db: Database) -> None:
    _run(db, HOSTS)


@MIGRATIONS(name='0003-fragments')
def _fragments(db: Database) -> None:
    _run(db, FRAGMENTS)


@MIGRATIONS(name='0004-marks')
def _marks(db: Database) -> None:
    _run(db, MARKS)


@MIGRATIONS(name='0005-speakers')
def _speakers(db: Database) -> None:
    _run(db, SPEAKERS)


@MIGRATIONS(name='0006-answers')
def _answers(db: Database) -> None:
    _run(db, ANSWERS)


@MIGRATIONS(name='0007-voices')
def _voices(db: Database) -> None:
    _run(db, VOICES)


@MIGRATIONS(name='0008-voided')
def _voided(db: Database) -> None:
    _run(db, VOIDED)


def _run(db: Database, script: str) -> None:
    for statement in _statements(script):  # sqlite3's executescript would commit what is open
        db.execute(statement)


def _statements(script: str) -> Iterator[str]:
    statement = ''
    for line in script.splitlines(keepends=True):
        statement += line
        if complete_statement(statement):
            yield statement
            statement = ''
