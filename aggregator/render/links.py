"""Where our documents are, and which foreign links may stand in them: http(s) only, as plain ASCII URLs (RFC 3986)."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode, urlsplit

from aggregator.model import Feed, Site

# Kept as they are; '%' among them, because what comes in is already encoded.
_SAFE = "!#$%&'()*+,/:;=?@[]~"
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+')
# What runs, or opens what is not on the web, where a reader takes an id for an address.
_RUNS = re.compile(
    r'(?:javascript|vbscript|livescript|mocha|data|file|blob|filesystem|about|view-source|jar|intent|shell|smb):',
    re.IGNORECASE,
)
_SLUG = re.compile(r'\w[\w.~-]*')
_MEDIA_TYPE = re.compile(r'[\w.+-]+/[\w.+-]+', re.ASCII)
_LANGUAGE = re.compile(r'[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*')


def web(url: str) -> str:
    """The URL when it is absolute http or https with a host, every character outside ASCII encoded; else ''.

    User and password are cut off: a private source's must not be published, an entry's can only deceive.
    """
    if not url:  # most of what an entry may have a link for
        return ''
    try:
        parts = urlsplit(url.strip())
        host = _ascii(parts.netloc.rpartition('@')[2])
        if parts.scheme not in ('http', 'https') or not parts.hostname or not _IRI.fullmatch(f'http://{host}'):
            return ''
        _ = parts.port  # raises where it is no number
        return quote(parts._replace(netloc=host).geturl(), safe=_SAFE)
    except ValueError:  # UnicodeError is one
        return ''


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode('idna').decode()


def iri(text: str) -> str:
    """The text when it can be an id: an absolute IRI (RFC 3987); else ''."""
    return text if _IRI.fullmatch(text) else ''


def foreign_iri(text: str) -> str:
    """The same of an id that others chose: it is published as they wrote it, so it must not be an address that runs."""
    return '' if _RUNS.match(text) else iri(text)


def media_type(text: str, default: str = 'application/octet-stream') -> str:
    return text if _MEDIA_TYPE.fullmatch(text) else default


def language_tag(text: str) -> str:
    """The tag when it is shaped like one (RFC 5646), else ''."""
    return text if _LANGUAGE.fullmatch(text) else ''


def is_slug(text: str) -> bool:
    """True for one path segment that cannot leave its folder."""
    return bool(_SLUG.fullmatch(text))


def document_path(slug: str, suffix: str) -> str:
    """Below public/: 'category/x.atom'; 'all.atom' for the feed of everything."""
    return f'category/{slug}.{suffix}' if slug else f'all.{suffix}'


def document_url(site: Site, slug: str, suffix: str) -> str:
    """Absolute address of a category's document."""
    return site.url + quote(document_path(slug, suffix))


def page_url(site: Site, slug: str) -> str:
    """Absolute address of the page where a person reads this category; the front page for the feed of everything."""
    return document_url(site, slug, 'html') if slug else site.url


def feed_url(feed: Feed, suffix: str) -> str:
    """Absolute address of this feed in one format, which is also its id."""
    if feed.query:
        return feed.site.url + live_path(f'search.{suffix}', q=feed.query)
    return document_url(feed.site, feed.slug, suffix)


def feed_page(feed: Feed) -> str:
    """Absolute address of the page that shows what this feed holds."""
    return feed.site.url + live_path('search', q=feed.query) if feed.query else page_url(feed.site, feed.slug)


def live_path(page: str, /, **asked: str) -> str:
    """Path of a page that is made when it is asked for, below the site: 'entry?id=…'. What is '' is not asked."""
    fields = urlencode(
        {name: value for name, value in asked.items() if value}, quote_via=quote, safe=':/,', errors='replace'
    )
    return f'{page}?{fields}' if fields else page


def category_scheme(site: Site) -> str:
    """Scheme of every Atom category, domain of every RSS category (design, section 5)."""
    return f'{site.url}category/'


def about_url(site: Site) -> str:
    return f'{site.url}about.html'


def root_of(site: Site) -> str:
    """The path all our links start with, so that pages also work under another host name ('/' or '/news/')."""
    return urlsplit(site.url).path or '/'
