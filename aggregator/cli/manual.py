"""What a system asks of a program besides its work: completion for shells, and a manual page.

Both are made from the commands themselves, so they cannot say anything else than `--help` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from inspect import cleandoc
from textwrap import wrap

import click
from click.shell_completion import BashComplete, ShellComplete, get_completion_class

from aggregator.version import VERSION

PROGRAM = 'aggregator'
WIDTH = 66  # characters of a line of source; escapes and Chinese take more bytes
COMPLETE = '_AGGREGATOR_COMPLETE'  # the variable by which a shell asks (click)

EXIT_CODES = (
    ('0', 'Fine.'),
    ('1', 'Something failed: a source, the disk, the network. What went well was kept.'),
    ('2', 'Usage or configuration: nothing was done.'),
    ('130', 'Stopped by Ctrl-C. aggregator run ends with 0 then, for it was told to stop.'),
    ('141', 'Whoever read the output has gone, as in aggregator entries | head -1.'),
)
FILES = (
    ('feeds.yml', 'The sources: what is gathered, and into which categories.'),
    ('config/aggregator.yml', 'The settings: how it is done. It need not be there.'),
    ('data/aggregator.db', 'The database. With feeds.yml it is everything there is.'),
    ('data/public/', 'What is served: pages and feeds.'),
)
ENVIRONMENT = (
    ('NO_COLOR', 'When it is set, nothing is coloured (no-color.org).'),
    ('NOTIFY_SOCKET, WATCHDOG_USEC', 'Set by systemd for a service; signs of life go there.'),
)
# click's own takes each answer for words and patterns of files: `财经 要闻` would be two, `[36氪]*` a search for files.
BASH = r"""%(complete_func)s() {
    local type value response words
    words=$(IFS=$'\n'; echo "${COMP_WORDS[*]}")
    response=$(env COMP_WORDS="$words" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1")
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                [[ ${COMP_WORDS[COMP_CWORD]} == [\"\']* ]] || printf -v value %%q "$value"
                COMPREPLY+=("$value") ;;
        esac
    done <<< "$response"
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""
COMMON = ('config', 'settings_file', 'data')  # options that are told of once
SEE_ALSO = 'docs/ in the source, and aggregator COMMAND --help.'


@click.command()
@click.argument('shell', type=click.Choice(['bash', 'zsh', 'fish']))
def completion(shell: str) -> None:
    """Print a script that completes commands, options and names of sources in a shell.

    \b
    Where it goes:
      bash  source it from ~/.bashrc
      zsh   source it from ~/.zshrc, after compinit
      fish  save it as ~/.config/fish/completions/aggregator.fish

    \b
    Examples:
      aggregator completion bash > ~/.aggregator-complete.bash
      aggregator completion fish > ~/.config/fish/completions/aggregator.fish
    """
    from aggregator.cli.main import main  # noqa: PLC0415  # it loads this module

    found = _Bash if shell == 'bash' else get_completion_class(shell)
    assert found is not None  # click has the others
    click.echo(found(main, {}, PROGRAM, COMPLETE).source())


@click.command()
def man() -> None:
    """Print the manual page, as the program man reads it.

    \b
    Examples:
      aggregator man | man -l -
      aggregator man > /usr/local/share/man/man1/aggregator.1
    """
    click.echo(manual_page(), nl=False)


class _Bash(BashComplete):
    source_template = BASH

    def source(self) -> str:
        """Without asking the bash that is first on the path how old it is: 4.4 has been out since 2016."""
        return ShellComplete.source(self)


def manual_page() -> str:
    """The page in man(7) macros, of all commands there are."""
    from aggregator.cli.main import main  # noqa: PLC0415  # it loads this module

    context = click.Context(main, info_name=PROGRAM, **main.context_settings)
    return '\n'.join(_page(main, context)) + '\n'


def _page(group: click.Group, context: click.Context) -> Iterator[str]:
    first, _, more = (group.help or '').partition('\n\n')
    yield f'.TH AGGREGATOR 1 "" "{PROGRAM} {VERSION}" "User Commands"'
    what = first[:1].lower() + first[1:].rstrip('.')
    yield from ('.SH NAME', *_wrapped(f'{PROGRAM} - {what}'))
    yield from ('.SH SYNOPSIS', f'.B {PROGRAM}', r'[\fB\-\-debug\fR] \fICOMMAND\fR [\fIARGUMENT\fR]...')
    yield from ('.SH DESCRIPTION', *_paragraphs(more))
    yield from ('.SH OPTIONS', 'Before the command:', *_options(group, context))
    yield from ('.PP', 'After it, for every command that works with feeds.yml or the database:')
    some = group.get_command(context, 'status')
    assert some is not None  # any of those would do
    yield from _options(some, click.Context(some, parent=context), only=COMMON)
    yield '.SH COMMANDS'
    for command, below in _commands(group, context):
        yield from _command(command, below)
    for heading, rows in (('EXIT STATUS', EXIT_CODES), ('FILES', FILES), ('ENVIRONMENT', ENVIRONMENT)):
        yield f'.SH {heading}' if ' ' not in heading else f'.SH "{heading}"'
        for name, meaning in rows:
            yield from ('.TP', f'.B {_text(name)}', *_wrapped(meaning))
    yield from ('.SH "SEE ALSO"', _text(SEE_ALSO))


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None  # it was listed
        below = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(command, below)
        else:
            yield command, below


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    arguments = [p for p in command.collect_usage_pieces(context) if p != '[OPTIONS]']
    yield f'.SS "{_text(" ".join([context.command_path, *arguments]))}"'
    yield from _paragraphs(command.help or '')
    yield from _options(command, context, apart_from=COMMON)


def _paragraphs(text: str) -> Iterator[str]:
    r"""Paragraphs are parted by an empty line; those that begin with \b keep their lines."""
    for number, paragraph in enumerate(filter(None, re.split(r'\n\s*\n', cleandoc(text).strip()))):
        if paragraph.startswith('\b'):
            yield '.PP'
            head, *lines = paragraph.removeprefix('\b').strip('\n').split('\n')
            yield _text(head.strip())
            yield from ('.RS 4', '.nf', *(_text(line.strip()) for line in lines), '.fi', '.RE')
        else:
            yield from (('.PP',) if number else ())
            yield from _wrapped(' '.join(paragraph.split()))


def _options(
    command: click.Command, context: click.Context, *, only: Sequence[str] = (), apart_from: Sequence[str] = ()
) -> Iterator[str]:
    for option in command.get_params(context):
        record = option.get_help_record(context)
        if not isinstance(option, click.Option) or record is None:
            continue
        if option.name in apart_from or (apart_from and '--help' in option.opts) or (only and option.name not in only):
            continue
        names, meaning = record
        yield from ('.TP', f'.B {_text(names)}', *_wrapped(' '.join(meaning.split())))


def _wrapped(text: str) -> list[str]:
    """Lines of source that an editor shows whole; man fills them again."""
    return [_text(line) for line in wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)]


def _text(text: str) -> str:
    """As roff takes it: hyphens that can be copied, backslashes, ASCII only, and no line that begins like a request."""
    escaped = text.replace('\\', r'\e').replace('-', r'\-')
    escaped = ''.join(c if c.isascii() else rf'\[u{ord(c):04X}]' for c in escaped)
    return rf'\&{escaped}' if escaped.startswith(('.', "'")) else escaped
