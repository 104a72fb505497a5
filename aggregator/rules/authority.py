"""The authority of our ids (RFC 4151): given in feeds.yml, else made at the first run, and never changed after."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit


def authority_of(given: str, stored: str, site_url: str, now: datetime) -> str:
    """`host,year`. What is stored wins over everything: ids that were published stay (design, 5)."""
    host = (urlsplit(site_url).hostname or '').lower()
    made = (
        f'{host if host and ":" not in host else "localhost"},{now.year}'  # a tag's host has no colon (RFC 4151, 2.1)
    )
    return stored or given or made
