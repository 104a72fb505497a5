"""The entry point: the group of commands, and the one place where errors become exit codes.

0 fine    1 something failed    2 usage or configuration
"""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module
from typing import Any

import click

from aggregator.errors import AggregatorError
from aggregator.version import VERSION

# Command -> (module, name there), in the order in which a person meets them. A module is loaded when one of its
# commands is called: `aggregator --version` needs none of the rooms.
COMMANDS = {
    'run': ('running', 'run'),
    'poll': ('running', 'poll'),
    'publish': ('running', 'publish'),
    'check': ('checking', 'check'),
    'status': ('asking', 'status'),
    'sources': ('asking', 'sources'),
    'entries': ('asking', 'entries'),
    'search': ('asking', 'search'),
    'explain': ('asking', 'explain'),
    'takedown': ('changing', 'takedown'),
    'add': ('changing', 'add'),
    'import': ('changing', 'import_opml'),
    'export': ('changing', 'export'),
    'prune': ('changing', 'prune'),
    'backup': ('changing', 'backup'),
    'schema': ('checking', 'schema'),
}


class Aggregator(click.Group):
    """Commands that are loaded when they are called, and errors that are told in a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # the same
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f'aggregator.cli.{module}'), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AggregatorError as error:
            _show(error)
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


def _show(error: AggregatorError) -> None:
    from aggregator.cli.showing import show_error  # noqa: PLC0415  # it loads the settings room

    show_error(error)


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
