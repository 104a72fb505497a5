"""`explain`: why an entry is what it is, from what was said to what is published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from aggregator.cli.asking import entry_row
from aggregator.cli.options import Place, as_json, located
from aggregator.cli.showing import safe, show_error, show_json, when
from aggregator.errors import ConfigError
from aggregator.model import Policy, StoredEntry
from aggregator.rules.reasons import CarrierWhy, KeyWhy, Reasons
from aggregator.rules.verdicts import RuleVerdict, Verdict
from aggregator.store import Store

WIDE = 100  # characters of a text that is only shown to be recognised


@click.command()
@located
@as_json
@click.argument('entry_id', metavar='ENTRY')
def explain(place: Place, entry_id: str, *, in_json: bool) -> None:
    """Say why an entry is what it is: its id, who speaks for it, what each source said, its categories, every rule.

    ENTRY is an output id, a code or a link, in any spelling that leads to it. Entries that a rule keeps out of all
    feeds are explained too.

    \b
    Examples:
      aggregator explain NW202204122339013090
      aggregator explain https://example.org/a/1.html --json
    """
    from aggregator.daemon.why import named, why  # noqa: PLC0415  # the other commands that look need no daemon

    with Store.open(place.data, read_only=True) as store:
        try:
            found = why(store, place.settings(), entry_id)
        except ConfigError as fault:  # what is stored can be told all the same
            entry = named(store, entry_id, Policy(sources={}))
            _show(entry, None, '', dropped=not entry.labels, in_json=in_json)
            show_error(fault)
            raise click.exceptions.Exit(fault.exit_code) from None
    _show(found.entry, found.reasons, found.id_why, dropped=found.dropped, in_json=in_json)


def _show(entry: StoredEntry, reasons: Reasons | None, id_why: str, *, dropped: bool, in_json: bool) -> None:
    if in_json:
        show_json(_row(entry, reasons, id_why, dropped=dropped))
        return
    for line in _lines(entry, reasons, id_why, dropped=dropped):
        click.echo(safe(line))


def _row(entry: StoredEntry, reasons: Reasons | None, id_why: str, *, dropped: bool) -> dict[str, Any]:
    told = {
        'id_why': id_why,
        'speaks': reasons.speaks,
        'words': dict(reasons.words),
        'labels': {label: list(why) for label, why in reasons.labels.items()},
        'rules': [asdict(rule) for rule in reasons.rules],
        'said': [asdict(carrier) for carrier in reasons.carriers],
        'faults': [fault.message for fault in reasons.draft.faults],
        'pending': list(_pending(entry, reasons)),
    } if reasons else {}  # fmt: skip
    return {
        **entry_row(entry),
        'identity': entry.identity,
        'rule': entry.rule,
        'revision': entry.revision,
        'dropped': dropped,
        'source': entry.source,
        **told,
    }


# ------------------------------------------------ for people


def _lines(entry: StoredEntry, reasons: Reasons | None, id_why: str, *, dropped: bool) -> Iterator[str]:
    words = reasons.words if reasons else {}
    yield entry.title
    yield from _fact('id', entry.id, id_why)
    yield from _fact('identity', f'{entry.identity} (by the rule {entry.rule!r})', '')
    yield from _fact('link', entry.link or 'none', '')
    yield from _fact('publisher', entry.publisher or 'none stated', words.get('publisher', ''))
    yield from _fact('published', when(entry.published_at), words.get('published', ''))
    yield from _fact('updated', f'{when(entry.updated_at)}, revision {entry.revision}', '')
    yield from _categories(entry, reasons, dropped=dropped)
    if reasons:
        yield from _fact('speaks', reasons.speaks, '')
        yield from _fact('words', f'title from {words["title"] or "none"}; text from {words["text"]}', '')
    for old in entry.replaces:
        yield from _fact('replaces', old, '')
    yield from _carriers(entry, reasons)
    for rule in reasons.rules if reasons else ():
        yield from _rule(rule)
    for fault in reasons.draft.faults if reasons else ():
        yield from _fact('odd', fault.message, '')
    for line in _pending(entry, reasons):
        yield from _fact('pending', line, '')


def _fact(name: str, value: str, why: str) -> Iterator[str]:
    yield f'  {name:<11} {value}'
    if why:
        yield f'  {"":<11}   {why}'


def _categories(entry: StoredEntry, reasons: Reasons | None, *, dropped: bool) -> Iterator[str]:
    if dropped:
        ruled = reasons is None or any(rule.drops for rule in reasons.rules)
        cause = 'a rule drops it' if ruled else 'it says nothing'
        yield from _fact('categories', f'none: {cause}, so it is in no feed', '')
    elif not entry.labels:
        yield from _fact('categories', 'none', '')
    why = reasons.labels if reasons else {}
    for label, slug in zip(entry.labels, entry.slugs, strict=True):
        yield from _fact('category', f'{label} (/category/{slug})', '; '.join(why.get(label, ())))
    for label in sorted(why.keys() - set(entry.labels)):
        yield from _fact('not in', label, '; '.join(why[label]))


def _carriers(entry: StoredEntry, reasons: Reasons | None) -> Iterator[str]:
    if reasons is None:
        for one in entry.carriers:
            role = 'speaks' if one.source == entry.source else 'trusted' if one.own else 'adds itself'
            yield from _fact('carrier', f'{one.source}: {role}; {one.url or one.guid}', '')
        return
    for carrier in reasons.carriers:
        yield from _fact('carrier', f'{carrier.source}: {carrier.role}; {carrier.link or "no link"}', '')
        yield from (f'  {"":<11}   {line}' for line in _said(carrier))


def _said(carrier: CarrierWhy) -> Iterator[str]:
    for key in carrier.keys:
        yield _key(key)
    if carrier.title:
        yield f'said {_short(carrier.title)}'
    if carrier.stated:
        yield f'dated {carrier.stated}' + ('' if carrier.usable else ', which cannot be used')


def _key(key: KeyWhy) -> str:
    counts = '' if key.counts else ' (does not count)'
    why = f', {key.why}' if key.why else ''
    return f'{key.kind} {_short(key.value)}{counts}{why}'


def _rule(rule: RuleVerdict) -> Iterator[str]:
    did = [*(f'adds {x}' for x in rule.added), *(f'takes {x} away' for x in rule.removed)]
    if rule.drops:
        did.append('drops the entry')
    verdict = 'holds' if rule.when.holds else 'does not hold'
    effect = f': {", ".join(did) or "changes nothing"}' if rule.when.holds else ''
    yield from _fact(f'rule {rule.row}', f'{verdict}{effect}', '')
    yield from (f'  {"":<11}   {line}' for line in _verdict(rule.when))


def _verdict(one: Verdict, depth: int = 0) -> Iterator[str]:
    mark = 'yes' if one.holds else 'no '
    if one.parts:
        yield f'{mark} {"  " * depth}{one.asks}:'
        for part in one.parts:
            yield from _verdict(part, depth + 1)
    else:
        yield f'{mark} {"  " * depth}{one.asks} ~ {one.pattern!r} in {one.value!r}'


def _pending(entry: StoredEntry, reasons: Reasons | None) -> Iterator[str]:
    """What today's feeds.yml makes of it and the store does not have yet: the next round, or `publish`, takes it up."""
    if reasons is None:
        return
    draft = reasons.draft
    if draft.title != entry.title:
        yield f'title becomes {_short(draft.title)}'
    labels = () if draft.dropped else draft.labels
    if labels != tuple(sorted(entry.labels)):
        yield f'categories become {", ".join(labels) or "none"}; `aggregator publish` takes up the rules of feeds.yml'


def _short(text: str) -> str:
    return text if len(text) <= WIDE else f'{text[: WIDE - 1]}…'
