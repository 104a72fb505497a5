"""What our pages and feeds say to people, in Chinese and English; the site's language chooses."""

from __future__ import annotations

from aggregator.render.chinese import CHINESE
from aggregator.render.english import ENGLISH
from aggregator.render.wordbook import Words


def words_of(language: str) -> Words:
    """Chinese for zh and all its regions and scripts, English for everybody else."""
    return CHINESE if language.lower().split('-')[0] == 'zh' else ENGLISH


__all__ = ['CHINESE', 'ENGLISH', 'Words', 'words_of']
