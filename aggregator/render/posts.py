"""The Jekyll exporter: an entry as a post of the site this aggregator grew out of, byte for byte in its form.

A post is front matter, the text, the original link, and the way back; its last line has no end. The form is fixed (kind
`posts` reads it back), so its words are Chinese whatever the site's language is.
"""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256

from aggregator.model import Document, Site, StoredEntry
from aggregator.render.instants import stated, zone_of
from aggregator.render.links import is_slug, web
from aggregator.render.text import one_line, scrub

MEDIA_TYPE = 'text/markdown; charset=utf-8'
_CODE = re.compile(r'code:([A-Za-z0-9][A-Za-z0-9._-]{0,99})')
_UNSAFE = re.compile(r'[^a-z0-9]+')
_PLAIN = re.compile(r'[^\W\d_][\w·-]*')
_YAML_WORDS = frozenset({'y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null'})


def post_of(entry: StoredEntry, site: Site) -> Document:
    """The post of an entry; `path` is 'yyyy-mm-dd-CODE.md', the date in the zone in which the entry stated it."""
    at = stated(entry.published_at, entry.offset_min, zone_of(site.timezone))
    slug, label = _primary(entry)
    text = scrub(entry.content or entry.summary)
    link = web(scrub(entry.link))
    parts = [_front_matter(entry, at, slug, label), _without_liquid(text)]
    parts += [f'\n\n<{link}>'] if link else []
    parts += ['\n\n' + _way_back(site, slug, label)]
    return Document(f'{at.date().isoformat()}-{_name_of(entry.identity)}.md', MEDIA_TYPE, ''.join(parts).encode())


def _primary(entry: StoredEntry) -> tuple[str, str]:
    """(slug, label) of the category that names the publisher, else of the first; ('', '') where there is none."""
    pairs = [(s, one_line(t)) for s, t in zip(entry.slugs, entry.labels, strict=False) if is_slug(s)]
    of_publisher = (pair for pair in pairs if entry.publisher and pair[1].startswith(one_line(entry.publisher)))
    return next(of_publisher, pairs[0] if pairs else ('', ''))


def _front_matter(entry: StoredEntry, at: datetime, slug: str, label: str) -> str:
    lines = [
        '---',
        'layout: post',
        f'title: {_quoted(one_line(entry.title))}',
        f'date: {at.date().isoformat()} {at:%H:%M:%S %z}',
    ]
    lines += [f'categories: {slug if _is_plain(slug) else _quoted(slug)}'] if slug else []
    labels = dict.fromkeys(filter(None, (label, *map(one_line, entry.labels))))
    lines += [f'tags: {_tags(tuple(labels))}'] if labels else []
    return '\n'.join([*lines, '---', ''])


def _tags(labels: tuple[str, ...]) -> str:
    """One plain word as it stands; else a list, because Jekyll takes a string with blanks for several tags."""
    written = [label if _is_plain(label) else _quoted(label) for label in labels]
    return written[0] if len(labels) == 1 and ' ' not in labels[0] else f'[{", ".join(written)}]'


def _is_plain(label: str) -> bool:
    return bool(_PLAIN.fullmatch(label)) and label.lower() not in _YAML_WORDS


def _quoted(text: str) -> str:
    """A double-quoted YAML scalar on one line."""
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def _without_liquid(text: str) -> str:
    """Jekyll runs `{{ … }}` and `{% … %}` wherever they stand; a source must not get to program the site."""
    return text.replace('{{', '&#123;&#123;').replace('{%', '&#123;%')


def _way_back(site: Site, slug: str, label: str) -> str:
    base = re.sub(r'^[a-z]+://', '//', site.url)
    home = f'[返回首页]({base})'
    words = re.sub(r'([\\\[\]])', r'\\\1', label)
    return f'[返回{words}]({base}category/{slug}.html)｜{home}' if slug else home


def _name_of(identity: str) -> str:
    """The code of the identity; else what a file name can hold of it, made unique by a digest."""
    if match := _CODE.fullmatch(identity):
        return match[1]
    words = _UNSAFE.sub('-', identity.lower())[:80].strip('-')
    return f'{words}-{sha256(identity.encode(errors="surrogatepass")).hexdigest()[:8]}'.lstrip('-')
