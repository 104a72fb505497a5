"""Who we are: for publishers who found us in their logs, and, made when somebody asks, for whoever runs this."""

from __future__ import annotations

from datetime import datetime

from aggregator.model import Installation, Retention, Site
from aggregator.render.instants import zone_of
from aggregator.render.links import live_path, root_of
from aggregator.render.paper import ago, moment, page
from aggregator.render.words import Words, words_of

_MB = 1_000_000
_VERSION = 8  # characters of a version of the configuration


def about_page(
    site: Site,
    version: str,
    contact: str = '',
    user_agent: str = '',
    retention: Retention | None = None,
    *,
    installed: Installation | None = None,
    now: datetime | None = None,
) -> bytes:
    """`contact` is a URL or a mail address. Without `installed` it is the same bytes whenever it is made."""
    words = words_of(site.language)
    kind = 'mailto:' if '@' in contact and '://' not in contact else ''
    href = kind + contact if kind or contact.startswith(('http://', 'https://')) else ''
    kept = words.kept_text.format(days=retention.max_age.days, entries=retention.per_source) if retention else ''
    facts = {'version': version, 'contact': contact, 'contact_href': href, 'user_agent': user_agent, 'kept': kept}
    return page(
        'about.html',
        site,
        title=words.about,
        canonical=f'{site.url}about.html',
        here='about',
        refused=refused_in_words(site, installed, now) if installed and now else '',
        runs=_runs(site, installed, now, words) if installed and now else [],
        now_path='' if installed else root_of(site) + live_path('about'),
        **facts,
    )


def refused_in_words(site: Site, installed: Installation, now: datetime) -> str:
    """That a newer configuration was not taken up; '' where that is not so. Its faults are for nobody but the owner."""
    if installed.refused_at is None:
        return ''
    words = words_of(site.language)
    since = _at(site, installed.config_at, now, words) if installed.config_at else installed.config_version[:_VERSION]
    return words.refused.format(at=_at(site, installed.refused_at, now, words), since=since)


def _runs(site: Site, installed: Installation, now: datetime, words: Words) -> list[tuple[str, str]]:
    """(name, value) of what runs here."""
    size, free = (f'{size / _MB:,.1f} MB' for size in (installed.database_bytes, installed.free_bytes))
    version, at = installed.config_version[:_VERSION], installed.config_at
    rows = [(words.database, words.database_text.format(size=size, free=free))]
    if version and at:
        rows.insert(0, (words.config, words.config_text.format(version=version, at=_at(site, at, now, words))))
    return rows


def _at(site: Site, at: datetime, now: datetime, words: Words) -> str:
    there = moment(at, zone_of(site.timezone))
    return f'{there.day} {there.time}{words.opening}{ago(at, now, words)}{words.closing}'
