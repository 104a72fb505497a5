"""The docs say what is there and nothing else: commands, options, keys, metrics, links, messages, files of config/."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache

import click
import pytest
from docs_made import DOCS, PAGES, ROOT, blocks, said_in_source
from ruamel.yaml import YAML

from aggregator.cli.main import main
from aggregator.parse import KINDS
from aggregator.render import FORMATS
from aggregator.serve import Metrics
from aggregator.serve.metrics import Levels
from aggregator.settings.knobs import KnobsShape
from aggregator.settings.places import keys_below, shapes_in
from aggregator.settings.reference import reference
from aggregator.settings.rows import FeedsShape

CONFIG = ROOT / 'config'


@cache
def text_of(*names: str) -> str:
    return '\n'.join((ROOT / name).read_text('utf-8') for name in names)


@cache
def all_docs() -> str:
    return '\n'.join(page.read_text('utf-8') for page in PAGES)


def commands(group: click.Group = main, above: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*above, name))
        else:
            yield ' '.join((*above, name)), command


COMMANDS = dict(commands())


# ---------------------------------------------------------------- commands


@pytest.mark.parametrize('name', COMMANDS)
def test_every_command_is_in_the_readme_and_on_its_page(name):
    assert re.search(rf'`(?:aggregator )?{name}\b', text_of('README.md'))
    assert re.search(rf'`{name}\b', text_of('docs/commands.md'))


@pytest.mark.parametrize('name', COMMANDS)
def test_every_option_is_on_the_page_of_commands(name):
    options = [o for p in COMMANDS[name].params if isinstance(p, click.Option) for o in p.opts if o.startswith('--')]
    assert [o for o in options if f'`{o}' not in text_of('docs/commands.md').replace('/--', '/`--')] == []


@pytest.mark.parametrize('name', COMMANDS)
def test_every_help_has_two_examples(name):
    _, _, shown = (COMMANDS[name].help or '').partition('Examples:')
    examples = [line.strip() for line in shown.splitlines() if line.strip()]
    assert len(examples) >= 2
    assert all(line.startswith(f'aggregator {name}') for line in examples)


def invocations() -> list[str]:
    """Every use of the program on a page: `aggregator …` in a code span, and in a line of a shell."""
    spans = re.findall(r'`(aggregator [^`\n]+)`', all_docs())
    lines = [
        line for page in PAGES for b in blocks(page) if b.language in ('sh', 'text', '') for line in b.text.splitlines()
    ]
    shell = [
        found[1]
        for line in lines
        if (found := re.search(r'(?:^|\$ |&& |-u aggregator |exec aggregator )(aggregator .*)', line))
    ]
    return sorted({re.split(r'\s{2,}#|\s&&\s', use)[0] for use in (*spans, *shell)})


@pytest.mark.parametrize('use', invocations())
def test_commands_on_the_pages_exist(use):
    words = [w for w in use.split()[1:] if w != '--debug']
    if words[0] in ('COMMAND', '--version'):
        return
    name = next((n for n in COMMANDS if words[: len(n.split())] == n.split()), None)
    assert name, f'there is no command for {use!r}'
    known = {o for p in COMMANDS[name].params for o in p.opts} | {'--help', '-h'}
    assert [w for w in words if w.startswith('-') and w not in known] == []


# ---------------------------------------------------------------- what there is


@pytest.mark.parametrize('kind', KINDS)
def test_every_kind_has_a_section(kind):
    assert f'\n## {kind}\n' in text_of('docs/kinds.md')
    assert f'| `{kind}` |' in text_of('docs/kinds.md')


@pytest.mark.parametrize('suffix', FORMATS)
def test_every_format_is_described(suffix):
    assert f'.{suffix}`' in text_of('docs/formats.md')
    assert FORMATS[suffix].media_type.partition(';')[0] in text_of('docs/formats.md')


@pytest.mark.parametrize('shape', [FeedsShape, KnobsShape])
def test_every_key_is_in_the_reference(shape):
    assert [key for key in keys_below(shape) if f'| `{key}` |' not in text_of('docs/configuration.md')] == []


def test_the_reference_is_what_the_program_prints():
    assert text_of('docs/configuration.md').endswith(reference()), (
        'run: python -m aggregator.settings.reference docs/configuration.md'
    )


def test_every_metric_is_described():
    metrics = Metrics(output_age_s=lambda: 0.0, open_errors=lambda: 0)
    metrics.watch(lambda: Levels(tick_age_s=0.0, success_age_s=0.0))
    names = re.findall(r'^# TYPE (\w+) (?:counter|gauge|histogram)$', metrics.render().decode(), re.MULTILINE)
    assert [n for n in names if not n.endswith('_created') and f'`{n}' not in text_of('docs/operating.md')] == []


# ---------------------------------------------------------------- links, paths, settings


def anchors(page: str) -> set[str]:
    """Of headings, as GitHub makes them."""
    headings = re.findall(r'^#+ (.+)$', re.sub(r'^```.*?^```$', '', page, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r'[^\w\- ]', '', h.lower()).replace(' ', '-') for h in headings}


@pytest.mark.parametrize('page', PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = re.sub(r'^```.*?^```$', '', page.read_text('utf-8'), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r'\]\(([^)\s]+)\)', re.sub(r'`[^`\n]*`', '', text)):
        if '://' in target:
            continue
        path, _, anchor = target.partition('#')
        other = (page.parent / path).resolve() if path else page
        assert other.is_file(), target
        assert not anchor or anchor in anchors(other.read_text('utf-8')), target


def test_paths_exist():
    tops = '|'.join(
        [
            'config',
            'docs',
            'tests',
            'bench',
            'aggregator',
            *(p.name for p in (ROOT / 'aggregator').iterdir() if p.is_dir()),
        ]
    )
    named = set(re.findall(rf'`((?:{tops})/[\w./-]*\w)`', all_docs()))
    assert named
    assert [n for n in named if not (ROOT / n).exists() and not (ROOT / 'aggregator' / n).exists()] == []


def test_every_page_is_linked_from_the_readme():
    pages = {f'docs/{p.relative_to(DOCS)}' for p in DOCS.rglob('*.md')}
    assert [p for p in pages if f'({p})' not in text_of('README.md')] == []


def setting_exists(path: str) -> bool:
    shape: type = KnobsShape
    for step in path.split('.'):
        field = next((i for n, i in shape.model_fields.items() if (i.alias or n) == step), None)
        if field is None:
            return False
        shape = next(iter(shapes_in(field.annotation)), KnobsShape)
    return True


def test_settings_that_pages_and_messages_name_exist():
    sections = '|'.join(KnobsShape.model_fields)
    spoken = '\n'.join(said_in_source())
    named = set(re.findall(rf'(?<![\w.])((?:{sections})(?:\.[a-z_]+)+)(?![\w.(])', f'{all_docs()}\n{spoken}'))
    assert 'polling.fetch.total' in named
    assert [n for n in named if not n.endswith('.py') and not setting_exists(n)] == []


# ---------------------------------------------------------------- messages, changes


@pytest.mark.parametrize(
    'message', re.findall(r'^### `(.*)`$', (DOCS / 'troubleshooting.md').read_text('utf-8'), re.MULTILINE)
)
def test_messages_are_those_of_the_program(message):
    assert any(message in text for text in said_in_source())


def test_the_changes_name_this_version():
    version = tomllib.loads(text_of('pyproject.toml'))['project']['version']
    assert re.search(rf'^## {re.escape(version)}\b', text_of('CHANGELOG.md'), re.MULTILINE)


# ---------------------------------------------------------------- files of config/


@pytest.mark.parametrize('name', ['aggregator.service', 'Containerfile', 'compose.yml', 'nginx.conf', 'Caddyfile'])
def test_files_for_services_are_mentioned(name):
    assert f'config/{name}' in text_of('docs/operating.md')


def test_the_unit_and_the_image_start_the_program_rightly():
    started = re.search(r'^ExecStart=\S+/aggregator (.*)$', text_of('config/aggregator.service'), re.MULTILINE)[
        1
    ].split()
    image, health = (
        re.findall(r'"([^"]+)"', re.search(rf'^{start} \[(.*)\]$', text_of('config/Containerfile'), re.MULTILINE)[1])
        for start in ('CMD', ' +CMD')
    )
    assert health.pop(0) == 'aggregator'
    for words in (started, image, health):
        context = COMMANDS[words[0]].make_context('aggregator', list(words[1:]))
        assert context.params['data']


def test_the_image_copies_what_is_there():
    for line in re.findall(r'^COPY (?!--from)(.*) \S+$', text_of('config/Containerfile'), re.MULTILINE):
        assert [n for n in line.split() if not (ROOT / n).exists()] == []


def test_compose_builds_that_image():
    service = YAML(typ='safe').load(CONFIG / 'compose.yml')['services']['aggregator']
    assert (CONFIG / service['build']['context'] / service['build']['dockerfile']).is_file()
    assert service['ports'] == ['127.0.0.1:8000:8000']


def test_web_servers_know_every_media_type():
    """A feed of another media type is downloaded by browsers and refused by readers."""
    served = {row.suffix: row.media_type.partition(';')[0] for row in FORMATS.values()}
    nginx, caddy = text_of('config/nginx.conf'), text_of('config/Caddyfile')
    for suffix, media_type in served.items():
        assert re.search(rf'^\s+{re.escape(media_type)}\s+{suffix};$', nginx, re.MULTILINE)
        if suffix != 'html':
            assert re.search(
                rf'@{suffix} path \*\.{suffix}\n.*?Content-Type "{re.escape(media_type)}', caddy, re.DOTALL
            )


@pytest.mark.skipif(shutil.which('nginx') is None, reason='nginx is not installed')
def test_nginx_takes_its_sample(tmp_path):
    site = text_of('config/nginx.conf').replace('listen 80;', 'listen 127.0.0.1:8080;').replace('listen [::]:80;', '')
    places = ''.join(
        f'{kind}_temp_path {tmp_path}/{kind};' for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi')
    )
    whole = f'pid {tmp_path}/pid; events {{}} http {{ access_log off; {places} {site} }}'
    (tmp_path / 'nginx.conf').write_text(whole, 'utf-8')
    words = ['nginx', '-t', '-q', '-e', str(tmp_path / 'errors'), '-c', str(tmp_path / 'nginx.conf')]
    told = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert told.returncode == 0, told.stderr


@pytest.mark.skipif(shutil.which('systemd-analyze') is None, reason='systemd is not installed')
def test_systemd_takes_the_unit(tmp_path):
    unit = tmp_path / 'aggregator.service'
    started = re.sub(r'^ExecStart=\S+', 'ExecStart=/bin/true', text_of('config/aggregator.service'), flags=re.MULTILINE)
    unit.write_text(started, 'utf-8')
    words = ['systemd-analyze', 'verify', str(unit)]
    told = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert 'aggregator.service' not in told.stderr
    assert told.returncode == 0, told.stderr
