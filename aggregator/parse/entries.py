"""What feedparser read of an item -> Entry. Everything within the limits, texts plain, HTML clean, links absolute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aggregator.model import Enclosure, Entry, Origin, ParseLimits, Person, Stated
from aggregator.parse.dates import read_date
from aggregator.parse.texts import clean_text, http_url, without_controls
from aggregator.parse.wording import html_of, made_title, person_of, summary_and_content, title_of

MAX_ENCLOSURES: Final = 20
MAX_AUTHORS: Final = 20
MAX_LANGUAGE: Final = 35  # characters (RFC 5646, 4.4.1)

_SHOWING: Final = frozenset({'media_content', 'media_thumbnail', 'image'})

_Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """What an entry's fields are read against."""

    base: str  # of relative links without an xml:base
    zone: str
    fetched_at: datetime
    limits: ParseLimits
    atom: bool  # summaries are what they say they are

    @property
    def way(self) -> str:
        """All of it that decides what an entry says; "3 minutes ago" counts from the visit that heard it first."""
        return repr((self.base, self.zone, self.limits, self.atom))


def entry_of(raw: _Fields, frame: Frame) -> Entry:
    """One item. A missing title is made from its text; nothing else is made up."""
    limits = frame.limits
    guid = guid_of(raw, limits.guid_bytes)
    link = _link(raw, guid, frame.base)
    summary, content = _texts(raw, frame)
    title = title_of(_text(raw, 'title'), limits.title, html=is_html(raw, 'title'))
    origin = _origin(raw, frame)
    return Entry(
        title=title or made_title(summary or content, link or guid),
        title_made=not title,
        link=link,
        guid=guid,
        published=date_of(raw, ('published', 'created', 'dc_date'), frame),
        updated=date_of(raw, ('updated',), frame),
        publisher=clean_text((origin and origin.title) or _text(raw, 'publisher'), limits.author),
        authors=people_of(raw, limits.author),
        summary=summary,
        content=content,
        tags=_tags(raw, limits),
        enclosures=_enclosures(raw, frame.base),
        image=_image(raw, frame.base),
        language=_language(raw),
        rights=title_of(_text(raw, 'rights'), limits.title, html=is_html(raw, 'rights')) if 'rights' in raw else '',
        origin=origin,
    )


def guid_of(raw: _Fields, limit_bytes: int) -> str:
    """As sent, but for blanks around it. One that is too long is none: cut, it could equal another."""
    guid = without_controls(_text(raw, 'id')).strip()
    return guid if 4 * len(guid) <= limit_bytes or len(guid.encode()) <= limit_bytes else ''


def links_of(raw: _Fields, relation: str) -> Iterable[_Fields]:
    """The links of that relation that lead somewhere, in document order."""
    for link in _list(raw, 'links'):
        if _text(link, 'rel').lower() == relation and _text(link, 'href'):
            yield link


def alternate_of(raw: _Fields, base: str) -> str:
    """The page that it is about: the first alternate link that is HTML, else the first (RFC 4287, 4.2.7.2)."""
    alternates = list(links_of(raw, 'alternate'))
    if len(alternates) > 1:
        alternates.sort(key=lambda link: 'html' not in (_text(link, 'type') or 'html'))
    return next((url for link in alternates if (url := http_url(link['href'], base))), '')


def date_of(raw: _Fields, keys: tuple[str, ...], frame: Frame) -> Stated | None:
    """The first of the fields that is there, read in the source's zone."""
    for key in keys:
        if (said := _text(raw, key)) and (date := read_date(said, frame.zone, frame.fetched_at)):
            return date
    return None


def people_of(raw: _Fields, limit: int) -> tuple[Person, ...]:
    """Its authors, each once."""
    by_name: dict[str, Person] = {}
    for one in _list(raw, 'authors'):
        person = person_of(_text(one, 'name'), _text(one, 'email'), _text(one, 'href'), limit)
        by_name.setdefault(person.name or person.email, person)
    by_name.pop('', None)
    return tuple(by_name.values())[:MAX_AUTHORS]


def is_html(raw: _Fields, key: str) -> bool:
    return 'html' in _text(_fields(raw, f'{key}_detail'), 'type')


def _text(raw: _Fields, key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ''


def _fields(raw: _Fields, key: str) -> _Fields:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def _list(raw: _Fields, key: str) -> list[_Fields]:
    value = raw.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _link(raw: _Fields, guid: str, base: str) -> str:
    """Where FeedBurner's wrapper leads, the alternate, a guid that is a permalink (RSS 2.0, guid)."""
    if original := http_url(_text(raw, 'feedburner_origlink'), base):
        return original
    if alternate := alternate_of(raw, base) or http_url(_text(raw, 'link'), base):
        return alternate
    return http_url(guid, '') if raw.get('guidislink') else ''


def _texts(raw: _Fields, frame: Frame) -> tuple[str, str]:
    """Summary and content as clean HTML. feedparser copies the content where there is no summary."""
    chosen = _chosen(_list(raw, 'content'))
    content = _html(chosen, frame)
    detail = _detail(raw, 'summary')
    copied = bool(content) and _text(detail, 'value') == _text(chosen, 'value')
    summary = '' if copied else _html(detail, frame)
    if not summary and not content:
        others = (_html(_detail(raw, key), frame) for key in ('dc_description', 'itunes_summary', 'media_description'))
        summary = next(filter(None, others), '')
    if frame.atom:
        return ('' if summary == content else summary), content
    return summary_and_content(summary, content)


def _chosen(contents: list[_Fields]) -> _Fields:
    """Of several contents the first that is HTML, else the first that says anything."""
    if not contents:
        return {}
    saying = [one for one in contents if _text(one, 'value').strip()]
    return min(saying, key=lambda one: 'html' not in _text(one, 'type'), default={})


def _detail(raw: _Fields, key: str) -> _Fields:
    value = _text(raw, key)
    return {**_fields(raw, f'{key}_detail'), 'value': value} if value else {}


def _html(detail: _Fields, frame: Frame) -> str:
    value = _text(detail, 'value')
    if not value:
        return ''
    base = _text(detail, 'base') or frame.base
    return html_of(value, _text(detail, 'type') or 'text/html', base, frame.limits.html_bytes)


def _tags(raw: _Fields, limits: ParseLimits) -> tuple[str, ...]:
    """Labels, else terms, each once; Blogger's own kinds are no tags."""
    if 'tags' not in raw:
        return ()
    tags = [one for one in _list(raw, 'tags') if not _text(one, 'scheme').endswith('#kind')]
    words = (title_of(_text(one, 'label') or _text(one, 'term'), limits.tag, html=False) for one in tags)
    return tuple(dict.fromkeys(filter(None, words)))[: limits.tags]


def _enclosures(raw: _Fields, base: str) -> tuple[Enclosure, ...]:
    """RSS enclosures, Atom enclosure links and media:content, each URL once."""
    found: dict[str, Enclosure] = {}
    for link in (*links_of(raw, 'enclosure'), *_list(raw, 'media_content')):
        url = http_url(_text(link, 'href') or _text(link, 'url'), base)
        if url and url not in found and len(found) < MAX_ENCLOSURES:
            length = _text(link, 'length') or _text(link, 'filesize')
            found[url] = Enclosure(url, clean_text(_text(link, 'type'), 100).lower(), _bytes(length))
    return tuple(found.values())


def _bytes(length: str) -> int:
    digits = length.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else 0  # noqa: PLR2004  # 1 PB


def _image(raw: _Fields, base: str) -> str:
    if _SHOWING.isdisjoint(raw):
        return ''
    pictures = [one for one in _list(raw, 'media_content') if _text(one, 'medium') == 'image' or _is_image(one)]
    shown = (*_list(raw, 'media_thumbnail'), _fields(raw, 'image'), *pictures)
    return next((url for one in shown if (url := http_url(_text(one, 'url') or _text(one, 'href'), base))), '')


def _is_image(media: _Fields) -> bool:
    return _text(media, 'type').startswith('image/')


def _language(raw: _Fields) -> str:
    """Its own dc:language, else the xml:lang of its text or title."""
    told = _text(raw, 'language') or next(filter(None, (_text(one, 'language') for one in _list(raw, 'content'))), '')
    told = told or _text(_fields(raw, 'summary_detail'), 'language') or _text(_fields(raw, 'title_detail'), 'language')
    return clean_text(told, MAX_LANGUAGE)


def _origin(raw: _Fields, frame: Frame) -> Origin | None:
    """The feed that it was copied from (RFC 4287, 4.2.11; RSS 2.0, source)."""
    source = _fields(raw, 'source')
    if not source:
        return None
    own = next((link['href'] for link in links_of(source, 'self')), '') or _text(source, 'href')
    limits = frame.limits
    origin = Origin(
        title=title_of(_text(source, 'title'), limits.title, html=is_html(source, 'title')),
        url=http_url(own, frame.base),
        link=alternate_of(source, frame.base),
        id=guid_of(source, limits.guid_bytes),
    )
    return origin if origin != Origin() else None
