"""After a command has published: hubs are told before it ends."""

from __future__ import annotations

import click

from aggregator.cli.showing import safe
from aggregator.daemon import Assembly
from aggregator.daemon import tell_hubs as told
from aggregator.publish import Published


def tell_hubs(house: Assembly, published: Published) -> None:
    """What went wrong goes to stderr; the command has done its work all the same."""
    for trouble in told(house.settings, published):
        click.echo(safe(trouble), err=True)
