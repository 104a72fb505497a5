"""How we introduce ourselves to publishers: name, version, where to find us, for how many readers we come."""

from __future__ import annotations

from urllib.parse import quote


def user_agent(version: str, contact: str, subscribers: int | None = None) -> str:
    """`aggregator/0.1.0 (+URL; 3 subscribers)` (RFC 9110, 10.1.5), always fit for a header.

    `contact` is a URL or a mail address; '' leaves it out, and so does None for `subscribers`.
    """
    told = [f'+{_header_safe(contact)}'] if _header_safe(contact) else []
    if subscribers is not None:
        told.append(f'{subscribers} subscriber{"" if subscribers == 1 else "s"}')
    product = f'aggregator/{_header_safe(version) or "0"}'
    return f'{product} ({"; ".join(told)})' if told else product


def _header_safe(text: str) -> str:
    """Printable ASCII without what would end a comment; anything else is percent-encoded as in a URL."""
    visible = ''.join(char for char in text if char.isprintable() and not char.isspace())
    return quote(visible, safe="!#$%&'*+,-./:=?@_~[]", errors='replace')
