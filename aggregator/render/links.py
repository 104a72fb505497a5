"""Where our documents are, and which foreign links may stand in them: http(s) only, as plain ASCII URLs (RFC 3986)."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from aggregator.model import Site

# Kept as they are; '%' among them, because what comes in is already encoded.
_SAFE = "!#$%&'()*+,/:;=?@[]~"
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+')
_SLUG = re.compile(r'\w[\w.~-]*')
_MEDIA_TYPE = re.compile(r'[\w.+-]+/[\w.+-]+', re.ASCII)
_LANGUAGE = re.compile(r'[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*')


def web(url: str) -> str:
    """The URL when it is absolute http or https with a host, every character outside ASCII encoded; else ''.

    User and password are cut off: a private source's must not be published, an entry's can only deceive.
    """
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


def category_scheme(site: Site) -> str:
    """Scheme of every Atom category, domain of every RSS category (design, section 5)."""
    return f'{site.url}category/'


def about_url(site: Site) -> str:
    return f'{site.url}about.html'


def root_of(site: Site) -> str:
    """The path all our links start with, so that pages also work under another host name ('/' or '/news/')."""
    return urlsplit(site.url).path or '/'
