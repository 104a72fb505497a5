"""The entry point: the group of commands, and the one place where errors become exit codes.

0 fine    1 something failed    2 usage or configuration    130 Ctrl-C    141 nobody reads the output any more
"""

from __future__ import annotations

import errno
import logging
from importlib import import_module
from typing import Any, NoReturn

import click

from aggregator.cli.leaving import INTERRUPTED, UNREAD, let_go_of_stdout, say_interrupted
from aggregator.errors import AggregatorError
from aggregator.version import VERSION

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

# Command -> (module, name there), in the order in which a person meets them. A module is loaded when one of its
# commands is called: `aggregator --version` needs none of the rooms.
COMMANDS = {
    'run': ('running', 'run'),
    'poll': ('running', 'poll'),
    'publish': ('running', 'publish'),
    'check': ('checking', 'check'),
    'fetch': ('fetching', 'fetch'),
    'show': ('effective', 'show'),
    'status': ('asking', 'status'),
    'health': ('health', 'health'),
    'sources': ('sources', 'sources'),
    'entries': ('asking', 'entries'),
    'search': ('asking', 'search'),
    'explain': ('explaining', 'explain'),
    'takedown': ('changing', 'takedown'),
    'add': ('adding', 'add'),
    'import': ('adding', 'import_opml'),
    'export': ('changing', 'export'),
    'prune': ('changing', 'prune'),
    'backup': ('changing', 'backup'),
    'schema': ('checking', 'schema'),
    'completion': ('manual', 'completion'),
    'man': ('manual', 'man'),
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; it knows the commands only by loading them, so it is told what they are called."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AggregatorError as error:
            _show(error)
            ctx.exit(error.exit_code)
        except BrokenPipeError:  # `| head` has seen enough
            let_go_of_stdout()
            ctx.exit(UNREAD)
        except KeyboardInterrupt:
            say_interrupted()
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except OSError as error:
            if error.filename is not None or error.errno not in _NO_ROOM:
                _failed_inside(ctx, error)
            let_go_of_stdout()
            click.echo(f'aggregator: the output cannot be written: {error.strerror}', err=True)
            ctx.exit(1)
        except Exception as error:  # noqa: BLE001  # the last door: a person never sees a traceback
            _failed_inside(ctx, error)


def _failed_inside(ctx: click.Context, error: Exception) -> NoReturn:
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
