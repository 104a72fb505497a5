"""Which words a page needs, in whatever language. The languages are in chinese.py and english.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Interface strings. `{}` takes a number or a name, by `str.format`."""

    language: str  # 'zh', 'en'
    tag: str  # of the words themselves (RFC 5646)
    sentences: Sequence[tuple[str, str]] = ()  # English sentences of other rooms, as patterns, and what to say instead

    # punctuation
    comma: str
    semicolon: str
    full_stop: str
    colon: str
    opening: str
    closing: str

    # every page
    skip: str
    navigation: str
    home: str
    sources: str
    about: str
    search: str
    search_for: str
    copy: str
    copied: str
    not_copied: str
    footer: str
    categories: str
    everything: str
    nothing: str
    back_to: str
    back_home: str
    turn: str
    newer: str
    older: str
    page_before: str
    page_after: str
    entries: str
    as_table: str
    number: str
    weekdays: Sequence[str]
    weekdays_short: Sequence[str]

    # entries
    source: str
    original: str
    untitled: str
    details: str
    on_this_page: str
    updated: str
    no_text: str
    cut: str
    read_original: str
    image: str
    media: str
    carried_by: str
    follows: str
    identity: str
    known_by: str
    about_entry: str
    replaces: str
    rules: Mapping[str, str]

    # the front page
    of_sources: str
    all_healthy: str
    healthy: str
    failing: str
    waiting: str
    of_categories: str
    of_day: str
    needs_attention: str
    more_sources: str
    counted_on: str
    per_hour: str
    hour: str
    latest: str
    all_entries: str
    more: str

    # sources
    states: Mapping[str, str]
    outcomes: Mapping[str, str]
    legend: str
    last_poll: str
    last_success: str
    last_change: str
    next_poll: str
    in_a_day: str
    day: str
    due: str
    just_now: str
    soon: str
    ago: str
    ahead: str
    minutes: Callable[[int], str]
    hours: Callable[[int], str]
    days: Callable[[int], str]
    of_rounds: str
    address: str
    folder: str
    site_of: str
    kind: str
    why: str
    in_a_row: str
    listed: str
    moved_to: str
    rights: str
    rhythm: str
    by_hour: str
    by_weekday: str
    weekday: str
    history: str
    when: str
    outcome: str
    bytes: str
    milliseconds: str
    new: str
    revised: str
    merged: str
    answer: str
    answer_text: str
    withheld: str
    fields_left_out: str
    held: str
    shared: str

    # search
    search_hint: str
    search_refused: str
    no_result: str
    result_page: str

    # who we are, and what is not there
    about_text: str
    for_publishers: str
    for_publishers_text: str
    this_site: str
    contact: str
    no_contact: str
    version: str
    config: str
    config_text: str
    refused: str
    database: str
    database_text: str
    runs_now: str
    kept: str
    kept_text: str
    subscribe: str
    subscribe_text: str
    not_found: str
    not_found_text: str
    gone: str
    gone_text: str
    suggestions: str
