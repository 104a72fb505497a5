"""Addresses: the id an entry is published under (rule 5 of the design), and the URL and path of each document."""

from __future__ import annotations

import re
from hashlib import sha256
from urllib.parse import quote

from aggregator.rules import urls

MAX_ID = 2048  # bytes of a guid that is published as it is

_TAG_SAFE = "-._~!$&'()*+,;=:@/?"  # RFC 4151 2.1: what may follow the second colon, beside letters and digits
# RFC 3987 2.2: reserved, unreserved and ucschar. No brackets: they are allowed in hosts only.
_PLAIN = r"A-Za-z0-9\-._~:/?#@!$&'()*+,;="
_UCSCHAR = (  # without its blanks and invisible marks
    '\u00a1-\u167f\u1681-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff'
    '\uf900-\ufdcf\ufdf0-\ufefe\uff01-\uffef'
) + ''.join(f'{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}' for plane in range(1, 15))
_IRI = re.compile(rf'([A-Za-z][A-Za-z0-9+.\-]*):(?:[{_PLAIN}{_UCSCHAR}]|%[0-9A-Fa-f]{{2}})+')
# RFC 4151 2.1: tag:authority,date:specific; the date is a year, a month or a day.
_TAG = re.compile(rf'tag:[A-Za-z0-9._\-]+(?:@[A-Za-z0-9._\-]+)?,\d{{4}}(?:-\d\d){{0,2}}:[{_PLAIN}%]*', re.IGNORECASE)
_FORBIDDEN = re.compile(rf'%(?![0-9A-Fa-f]{{2}})|[^{_PLAIN}%{_UCSCHAR}]')
# What runs, or opens what is not on the web, where a reader takes an id for an address.
_NO_NAMES = frozenset(
    {'javascript', 'vbscript', 'livescript', 'mocha', 'data', 'file', 'blob', 'filesystem', 'about', 'view-source'}
    | {'jar', 'intent', 'shell', 'smb'}
)


def output_id(identity: str, *, authority: str, link: str, guid: str, source: str) -> str:
    """The id of an entry, made from its identity alone: an absolute IRI, fit for atom:id (RFC 4287, 4.2.6).

    `link` is the published form of the URL behind a 'url:' identity, `guid` and `source` stand behind a 'guid:' one.
    """
    kind, _, value = identity.partition(':')
    match kind:
        case 'url' if urls.host_of(link or value):
            return _as_iri(link or value)
        case 'guid' if _may_stand(guid, authority):
            return guid
        case 'guid':
            return _tag(authority, f'guid-{_digest(source, guid)}')
        case 'said':
            return _tag(authority, f'said-{value}')
        case _:
            return _tag(authority, value)


def feed_url(site_url: str, slug: str, suffix: str) -> str:
    """The public URL of a category's document; '' for a slug is the feed of everything."""
    return f'{site_url.rstrip("/")}/{document_path(slug, suffix)}'


def document_path(slug: str, suffix: str) -> str:
    """Below public/: 'all.atom', 'category/<slug>.atom'."""
    name = f'category/{slug}' if slug else 'all'
    return f'{name}.{suffix.removeprefix(".")}'


def _may_stand(guid: str, authority: str) -> bool:
    """Whether a guid is an absolute IRI of its own. One in our own name would pass for an entry of somebody else."""
    if len(guid) > MAX_ID or len(_bytes(guid)) > MAX_ID:
        return False
    found = _IRI.fullmatch(guid)
    if found is None or guid.lower().startswith(_tag(authority, '').lower()):
        return False
    scheme = found[1].lower()
    if scheme in {'http', 'https'}:
        return guid[len(scheme) :].startswith('://') and urls.host_of(guid) != ''
    if scheme == 'tag':
        return _TAG.fullmatch(guid) is not None
    return scheme not in _NO_NAMES


def _tag(authority: str, specific: str) -> str:
    return f'tag:{quote(_bytes(authority), safe=",-._~@")}:{quote(_bytes(specific), safe=_TAG_SAFE)}'


def _as_iri(link: str) -> str:
    """What browsers let pass in a link and RFC 3987 does not (such as | and {), percent-encoded; the host stays."""
    scheme, mark, rest = link.partition('://')
    host, slash, path = rest.partition('/')
    return scheme + mark + host + slash + _FORBIDDEN.sub(lambda match: quote(_bytes(match[0]), safe=''), path)


def _digest(*parts: str) -> str:
    return sha256(b'\0'.join(map(_bytes, parts))).hexdigest()[:32]


def _bytes(text: str) -> bytes:
    return text.encode('utf-8', 'replace')
