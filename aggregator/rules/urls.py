"""Links: when two are the same (rule 3 of the design), which one is published, and who speaks for one.

Links are read as browsers read them (WHATWG URL, by ada). Anything that is not http(s), or that no browser would open,
is '' here. User names and passwords in links are never compared and never published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from ada_url import normalize_url
from publicsuffixlist import PublicSuffixList

from aggregator.model import Source, UrlRules

MAX_URL = 8192  # characters; RFC 9110 (4.1) asks everybody to support 8000
MAX_HOST = 254  # no name in the DNS is longer, its last dot included (RFC 1035, 3.1)
MAX_WRAPPERS = 5  # a link wrapped deeper than this is an attack, and no link
CACHED_URL = 512  # longer links are not remembered, so that hostile ones cannot fill the memory

# Parameters that name a click, a mail or a campaign, never an article. A name stands here only where a published list
# has it for every site: Firefox's query stripping, Brave's query filter, AdGuard's URL tracking filter (general
# section), ClearURLs (globalRules); for the Chinese ones, what Alibaba (spm, scm), Baidu (bd_vid, hm*) and Bilibili
# (vd_source) document. Names by which some site tells its articles (id, cid, ref, source, from, si) do not stand here:
# they are for `urls.drop`.
TRACKING_PREFIXES = ('utm_', 'vero_', 'oly_', 'wt.mc_', 'mtm_', 'fb_action_', 'guce_referrer')
_TRACKING_NAMES = """
    _branch_match_id _ga _gl _hsenc _hsmi _kx _openstat __hsfp __hssc __hstc __s bd_vid dclid dicbo epik fb_ref
    fb_source fbclid gbraid gclid gclsrc guccounter hmci hmcu hmkw hmpl hmsr hsctatracking igsh igshid irclickid
    li_fat_id mc_cid mc_eid mc_tc mkt_tok ml_subscriber ml_subscriber_hash msclkid ns_campaign ns_linkname
    ns_mchannel ns_source pk_campaign pk_keyword pk_kwd pk_medium pk_source rb_clickid rdt_cid s_kwcid sc_cid
    scm share_token spm spm_id_from srsltid tblci ttclid twclid vd_source wbraid wickedid xtor yclid ymclid
    ysclid
"""
TRACKING = frozenset(_TRACKING_NAMES.split())
MOBILE_LABELS = frozenset({'m', 'wap', 'mobile'})

_PERCENT = re.compile(r'%([0-9A-Fa-f]{2})?')
_UNRESERVED = frozenset('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~')


# A link that a browser reads as it is written, which is what most are: a host of plain labels, the last one of letters,
# no port, no segment that begins with a dot, nothing to encode. Those need no parser.
_PLAIN = re.compile(
    r'(https?)://((?!.{0,240}xn--)(?:[a-z0-9-]{1,63}\.){1,3}[a-z]{2,20})((?:/(?!\.)[A-Za-z0-9._~!$&()*+,;=:@-]*+)*)'
    r'(?:\?([A-Za-z0-9._~!$&()*+,;=:@/?%-]*+))?(?:#[A-Za-z0-9._~!$&()*+,;=:@/?%-]*+)?'
)


class Parts(NamedTuple):
    """A link in the pieces that matter. `port` is '' where it is the scheme's own, `query` has no question mark."""

    scheme: str
    host: str
    port: str
    path: str
    query: str

    def __str__(self) -> str:
        port = self.port and f':{self.port}'
        query = self.query and f'?{self.query}'
        return f'{self.scheme}://{self.host}{port}{self.path}{query}'


@dataclass(frozen=True, slots=True, eq=False)
class _Compiled:
    """UrlRules made ready: names in lower case, wrappers by their place. Compared by identity, for the cache."""

    drop: frozenset[str]
    wrappers: dict[tuple[str, str, str], str]


def canonical(url: str, rules: UrlRules) -> str:
    """The link for comparing only: two links of one article give the same text. '' for what is no http(s) link.

    Guaranteed: canonical(canonical(u)) == canonical(u), and no exception on any input.
    """
    compiled = _compiled(rules)
    return _canonical(url, compiled) if len(url) <= CACHED_URL else _canonical.__wrapped__(url, compiled)


def published_form(url: str, rules: UrlRules) -> str:
    """The real link: opened, without fragment and tracking parameters; scheme, www. and the order of the rest stay.

    Guaranteed: canonical(published_form(u)) == canonical(u).
    """
    compiled = _compiled(rules)
    parts = _opened(url, compiled)
    if parts is None:
        return ''
    if not parts.query:
        return str(parts)
    kept = '&'.join(piece for piece in parts.query.split('&') if not _is_tracking(piece, compiled))
    return str(parts._replace(query=kept))


def opened(url: str, rules: UrlRules) -> Parts | None:
    """The link inside all known wrappers, nothing removed; None for what is no http(s) link."""
    return _opened(url, _compiled(rules))


def host_of(url: str) -> str:
    """The host in lower case and ASCII (IDNA), an IPv6 address in brackets, without port; '' for no http(s) link."""
    parts = _read(url)
    return parts.host if parts else ''


def registrable(host: str) -> str:
    """The part of a host that somebody registered (public suffix list); addresses and single labels are themselves."""
    bare = host.lower().removesuffix('.')
    if '.' not in bare or _is_address(bare):
        return bare
    return _suffixes().privatesuffix(bare) or bare


def speaks_for(source: Source, url: str) -> bool:
    """Whether the source may speak for what is published at `url`: rule 4 of the design.

    A name speaks for all of its registrable domain. An address or a single label (127.0.0.1:8001, localhost) speaks for
    itself with its port only: two ports may well be two people.
    """
    there = _read(url)
    if there is None:
        return False
    if _below(there.host, source.speaks_for):
        return True
    here = _read(source.url)
    return here is not None and _site(here) == _site(there)


def query_values(query: str, name: str) -> Iterable[str]:
    """The values, percent-decoded, of the parameter `name` in any case, in order."""
    wanted = name.lower()
    for piece in query.split('&'):
        key, _, value = piece.partition('=')
        if unquote(key).lower() == wanted:
            yield unquote(value)


# ------------------------------------------------ reading


def _read(url: str) -> Parts | None:
    return _parts(url) if len(url) <= CACHED_URL else _parts.__wrapped__(url)


@lru_cache(maxsize=1024)  # a round asks several times about each of its links
def _parts(url: str) -> Parts | None:
    if len(url) > MAX_URL:
        return None
    if len(url) <= CACHED_URL and (plain := _PLAIN.fullmatch(url)):
        scheme, host, path, query = plain.groups('')
        return Parts(scheme, host, '', path or '/', query)
    try:
        href = normalize_url(url)
    except ValueError:
        return None
    if len(href) > MAX_URL or not href.startswith(('http://', 'https://')):
        return None
    parts = _cut(href)
    return parts if len(parts.host) <= MAX_HOST else None


def _cut(href: str) -> Parts:
    """The pieces of a serialised URL (WHATWG URL, 4.5): each delimiter stands for itself only at its first place.

    Asking ada for them one by one takes four times as long as cutting.
    """
    whole = href.partition('#')[0]
    place, _, query = whole.partition('?')
    scheme, _, rest = place.partition('://')
    authority, slash, path = rest.partition('/')
    host = authority.rpartition('@')[2]
    name, colon, port = host.rpartition(':')
    if not colon or port.endswith(']'):  # an IPv6 address without a port
        name, port = host, ''
    return Parts(scheme, name, port, slash + path, query)


def _opened(url: str, compiled: _Compiled) -> Parts | None:
    parts = _read(url)
    if not compiled.wrappers:
        return parts
    for _ in range(MAX_WRAPPERS + 1):
        inner = _inner(parts, compiled) if parts else None
        if inner is None:
            return parts
        parts = inner
    return None


def _inner(parts: Parts, compiled: _Compiled) -> Parts | None:
    param = compiled.wrappers.get(_place(parts))
    if not param:
        return None
    return next((inner for value in query_values(parts.query, param) if (inner := _read(value))), None)


def _place(parts: Parts) -> tuple[str, str, str]:
    return _compared_host(parts.host), _compared_port(parts.port), _spelled(parts.path).rstrip('/')


# ------------------------------------------------ comparing


@lru_cache(maxsize=2048)  # rounds that are recorded together ask twice about each of their links
def _canonical(url: str, compiled: _Compiled) -> str:
    parts = _opened(url, compiled)
    if parts is None:
        return ''
    kept = [_spelled(piece) for piece in parts.query.split('&') if piece and not _is_tracking(piece, compiled)]
    host, port = _compared_host(parts.host), _compared_port(parts.port)
    text = str(Parts('https', host, port, _spelled(parts.path), '&'.join(sorted(kept))))
    return text if len(text) <= MAX_URL else ''


def _compared_port(port: str) -> str:
    return '' if port in {'80', '443'} else port  # the scheme makes no difference, so neither does its port


def _compared_host(host: str) -> str:
    """Without www and the labels of mobile twins. Below a public suffix (m.github.io) the label is a person's name."""
    host = host if host.endswith('..') else host.removesuffix('.') or host
    while True:
        first, _, rest = host.partition('.')
        if '.' not in rest or rest.startswith('.'):
            return host
        if first != 'www' and not (first in MOBILE_LABELS and _suffixes().privatesuffix(rest)):
            return host
        host = rest


def _spelled(text: str) -> str:
    """Percent-encoding in one spelling (RFC 3986, 6.2.2): capital digits, unreserved characters plain, no stray %."""
    return _PERCENT.sub(_spelled_one, text) if '%' in text else text


def _spelled_one(match: re.Match[str]) -> str:
    digits = match[1]
    if digits is None:
        return '%25'
    char = chr(int(digits, 16))
    return char if char in _UNRESERVED else f'%{digits.upper()}'


def _is_tracking(piece: str, compiled: _Compiled) -> bool:
    name = unquote(piece.partition('=')[0]).lower()
    return name in compiled.drop or name.startswith(TRACKING_PREFIXES)


# ------------------------------------------------ rules made ready


def _compiled(rules: UrlRules) -> _Compiled:
    return _compile(rules.drop, tuple(rules.unwrap.items()))


@lru_cache(maxsize=16)
def _compile(drop: tuple[str, ...], unwrap: tuple[tuple[str, str], ...]) -> _Compiled:
    wrappers = {}
    for key, param in unwrap:
        place = _read(key if '://' in key else f'https://{key}')
        if place is not None:
            wrappers[_place(place)] = param
    return _Compiled(TRACKING | {name.lower() for name in drop}, wrappers)


# ------------------------------------------------ hosts


def _site(parts: Parts) -> str:
    host = parts.host.removesuffix('.')
    return f'{host}:{parts.port}' if '.' not in host or _is_address(host) else registrable(host)


def _below(host: str, names: Iterable[str]) -> bool:
    for name in names:
        wanted = host_of(f'http://{name.removeprefix("*").lstrip(".")}')
        if wanted and (host == wanted or host.endswith(f'.{wanted}')):
            return True
    return False


def _is_address(host: str) -> bool:
    return host.startswith('[') or (host.isascii() and host.replace('.', '').isdigit())


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # 40 ms, from the list that comes with the package
