"""The entry point: the group of commands, and the one place where errors become exit codes.

0 fine    1 something failed    2 usage or configuration
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import click

from aggregator.cli.asking import entries, explain, search, sources, status
from aggregator.cli.changing import add, backup, export, import_opml, prune, takedown
from aggregator.cli.checking import check, schema
from aggregator.cli.running import poll, publish, run
from aggregator.cli.showing import show_error
from aggregator.errors import AggregatorError
from aggregator.version import VERSION


class Aggregator(click.Group):
    """Commands in the order in which a person meets them, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AggregatorError as error:
            show_error(error)
            ctx.exit(error.exit_code)
        except BrokenPipeError:  # `| head` has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # the last door: a person never sees a traceback
            logging.getLogger(__name__).debug('the command failed', exc_info=error)
            click.echo(f'aggregator: it failed inside ({type(error).__name__}: {error})', err=True)
            click.echo('  Run it again with --debug before the command to see where, and report it.', err=True)
            ctx.exit(1)


@click.group(cls=Aggregator, context_settings={'help_option_names': ['-h', '--help']})
@click.version_option(VERSION, prog_name='aggregator')
@click.option('--debug', is_flag=True, help='Log in detail, with tracebacks.')
def main(*, debug: bool) -> None:
    """Gather RSS, Atom, JSON Feed and other sources into one clean set of feeds, by category.

    Sources stand in feeds.yml; `aggregator run` polls them and serves the feeds.
    """
    logging.basicConfig(
        level=logging.DEBUG if debug else logging.WARNING, format='%(asctime)s %(levelname)s %(message)s'
    )


for command in (
    run, poll, publish, check, status, sources, entries, search, explain, takedown, add, import_opml, export, prune,
    backup, schema,
):  # fmt: skip
    main.add_command(command)
