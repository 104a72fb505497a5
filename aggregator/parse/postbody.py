"""The body of a post: its text as HTML, the original link, and the way back, which is the site's own and goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Final

_AUTOLINK: Final = re.compile(r'<(https?://[^\s<>]+)>')
_GAP: Final = re.compile(r'(\n(?:[ \t]*\n)+)')
_HTML: Final = re.compile(r'\s*<(?!https?:)[a-zA-Z/!]')
_HEADING: Final = re.compile(r'[ ]{0,3}(#{1,6})[ \t]+(?=[^\n]*\Z)')
_QUOTED: Final = re.compile(r'^[ \t]{0,3}> ?', re.MULTILINE)
_INLINE: Final = re.compile(
    r'(?P<image>!?)\[(?P<words>[^\[\]\n]*)\]\((?P<url>[^()\s]*)\)|<(?P<auto>https?://[^\s<>]+)>'
    r'|\*\*(?P<strong>[^*\n]+)\*\*|(?<![*\w])\*(?P<em>[^*\s][^*\n]*)\*',
)


@dataclass(frozen=True, slots=True)
class PostBody:
    html: str  # as it was written, not yet cleaned
    link: str = ''


def read_body(body: str) -> PostBody:
    """The text up to the original link: an autolink on a line of its own after which only the way back follows."""
    lines = body.split('\n')
    while lines and (not lines[-1].strip() or _is_way_back(lines[-1].strip())):
        lines.pop()
    link = _AUTOLINK.fullmatch(lines[-1].strip()) if lines else None
    text = '\n'.join(lines[:-1] if link else lines).strip()
    return PostBody(html_of_body(text), link[1] if link else '')


def _is_way_back(line: str) -> bool:
    return line.startswith('[返回') and line.endswith(')')


def html_of_body(text: str) -> str:
    """HTML blocks as they stand, and the little Markdown of posts: paragraphs, quotes, headings, links, emphasis."""
    return ''.join(part if number % 2 else _block(part) for number, part in enumerate(_GAP.split(text)))


def _block(text: str) -> str:
    if not text.strip() or _HTML.match(text):
        return text
    if heading := _HEADING.match(text):
        level = len(heading[1])
        return f'<h{level}>{_inline(text[heading.end() :].rstrip(" #"))}</h{level}>'
    if _QUOTED.match(text):
        return f'<blockquote><p>{_inline(_QUOTED.sub("", text).strip())}</p></blockquote>'
    return f'<p>{_inline(text.strip())}</p>'


def _inline(text: str) -> str:
    return _INLINE.sub(_element, text)


def _element(found: re.Match[str]) -> str:
    if found['auto']:
        return f'<a href="{escape(found["auto"])}">{escape(found["auto"])}</a>'
    if found['strong']:
        return f'<strong>{found["strong"]}</strong>'
    if found['em']:
        return f'<em>{found["em"]}</em>'
    if found['image']:
        return f'<img src="{escape(found["url"])}" alt="{escape(found["words"])}">'
    return f'<a href="{escape(found["url"])}">{found["words"]}</a>'
