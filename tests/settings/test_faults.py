"""Every fault of feeds.yml: its exact text, place, width and advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.errors import ConfigError
from aggregator.model import ConfigFault
from aggregator.settings import load_settings

ROW = 'sources:\n  - name: A\n    url: https://example.org/a\n'
EMPTY = 'sources: []\n'


def faults_of(folder: Path, text: str | bytes) -> tuple[ConfigFault, ...]:
    path = folder / 'feeds.yml'
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    try:
        load_settings(path)
    except ConfigError as error:
        return error.faults
    return ()


def told(fault: ConfigFault) -> tuple[int, int, int, str, str]:
    return fault.line, fault.column, fault.width, fault.message, fault.hint


KEYS_IN_TIME = 'known here: every, timezone'
WEB = 'write it in full: https://example.org/feed.xml'

ONE_FAULT = {
    'unknown key': (ROW + '    catgory: 新闻\n', (4, 5, 7, "unknown key 'catgory'", "did you mean 'category'?")),
    'unknown section': ('souces: []\n' + EMPTY, (1, 1, 6, "unknown key 'souces'", "did you mean 'sources'?")),
    'unknown nested key': (
        ROW + '    category: {from: publisher, labl: x}\n',
        (4, 33, 4, "unknown key 'labl'", "did you mean 'label'?"),
    ),
    'unknown field of a rule': (
        EMPTY + 'rules: [{when: {titel: x}, add: y}]\n',
        (2, 17, 5, "unknown key 'titel'", "did you mean 'title'?"),
    ),
    'key of another kind': (
        ROW + '    pages: 2\n',
        (4, 5, 5, "'pages' is a key of kind 'json', not of kind 'feed'", 'mend the kind, or remove the key'),
    ),
    'merge key': (
        ROW + '    <<: {every: 1h}\n',
        (4, 5, 2, "merge keys ('<<') are no part of YAML 1.2", 'what holds for all sources stands in defaults:'),
    ),
    'number for a name': (
        'sources:\n  - name: 000001\n    url: https://example.org/\n',
        (2, 11, 6, '000001 is read as the number 1; put it in quotes: "000001"', ''),
    ),
    'number for a label': (ROW + '    category: 12\n', (4, 15, 2, '12 is read as a number; put it in quotes: "12"', '')),
    'number in a list': (ROW + '    categories: [12]\n', (4, 18, 2, '12 is read as a number; put it in quotes: "12"', '')),
    'number for one or more': (
        EMPTY + 'rules: [{when: {title: x}, add: 600519}]\n',
        (2, 33, 6, '600519 is read as a number; put it in quotes: "600519"', ''),
    ),
    'number for a key': (
        EMPTY + 'aliases: {000001: 平安银行}\n',
        (2, 11, 6, '000001 is read as the number 1; put it in quotes: "000001"', ''),
    ),
    'truth for a name': (
        'sources:\n  - name: true\n    url: https://example.org/\n',
        (2, 11, 4, 'true is read as a truth value; put it in quotes: "true"', ''),
    ),
    'nothing for a name': (
        'sources:\n  - name:\n    url: https://example.org/\n',
        (2, 9, 1, 'expected a text, found nothing', 'write one, or remove the key'),
    ),
    'full-width colon for a row': (
        'sources:\n  - 代码：000001\n',
        (2, 5, 9, "'代码：000001' looks like a full-width colon (：); YAML needs ':' and a blank", ''),
    ),
    'full-width colon in braces': (
        'site: {title：新闻}\n' + EMPTY,
        (1, 8, 8, "'title：新闻' looks like a full-width colon (：); YAML needs ':' and a blank", ''),
    ),
    'full-width colon stops YAML': (
        'sources:\n  - name: A\n    url：https://example.org/a\n',
        (3, 5, 25, "'url：https://example.org/a' looks like a full-width colon (：); YAML needs ':' and a blank", ''),
    ),
    'no blank for a row': (
        'sources:\n  - name:东方\n',
        (2, 5, 7, "'name:东方' has no blank after the colon; write 'name: 东方'", ''),
    ),
    'no blank in braces': (
        'site: {title:新闻}\n' + EMPTY,
        (1, 8, 8, "'title:新闻' has no blank after the colon; write 'title: 新闻'", ''),
    ),
    'no blank stops YAML': (
        'sources:\n  - name:东方\n    url: https://example.org/a\n',
        (2, 5, 7, "'name:东方' has no blank after the colon; write 'name: 东方'", ''),
    ),
    'tab': (
        'sources:\n  - name: A\n\turl: https://example.org/a\n',
        (3, 1, 1, 'a tab cannot indent YAML; use blanks', ''),
    ),
    'bare colon': (
        'site:\n  title: 新闻: 要闻  # both\n' + EMPTY,
        (2, 10, 6, "'新闻: 要闻' holds ': ', so it needs quotes", ''),
    ),
    'source without an address': ('sources:\n  - name: A\n', (2, 5, 4, "this source has no 'url'", f'add url: {WEB[18:]}')),
    'source without a name': (
        'sources:\n  - url: https://example.org/a\n',
        (2, 5, 3, "this source has no 'name'", 'add name: 证券时报网'),
    ),
    'nothing to poll': ('site: {title: x}\n', (1, 1, 4, "there is no 'sources'", 'add sources:')),
    'kind': (
        ROW + '    kind: jsn\n',
        (4, 11, 3, "expected 'feed', 'json', 'page' or 'posts', found 'jsn'", "did you mean 'json'?"),
    ),
    'content': (ROW + '    content: ful\n', (4, 14, 3, "expected 'full', 'summary' or 'link', found 'ful'", "did you mean 'full'?")),
    'yes': (ROW + '    private: yes\n', (4, 14, 3, "expected true or false, found the text 'yes'", 'write true')),
    'off': (ROW + '    private: off\n', (4, 14, 3, "expected true or false, found the text 'off'", 'write false')),
    'duration without unit': (ROW + '    every: 15\n', (4, 12, 2, '15 needs a unit, such as 15m', '')),
    'quoted duration without unit': (ROW + "    every: '15'\n", (4, 12, 4, '15 needs a unit, such as 15m', '')),
    'endless number': (ROW + f'    every: {"9" * 5000}\n', (4, 12, 5000, 'inf needs a unit, such as 15m', '')),
    'no number at all': (ROW + '    every: .nan\n', (4, 12, 4, 'nan needs a unit, such as 15m', '')),
    'huge number': (ROW + f'    category: 0x{"f" * 60}\n', (4, 15, 62, f'0x{"f" * 37}… is read as the number 17668470647783843295; put it in quotes', '')),
    'duration in words': (
        ROW + '    every: 15 minutes\n',
        (4, 12, 10, "'15 minutes' is no duration", 'write 30s, 15m, 1h, 1h30m or 1d'),
    ),
    'duration of nothing': (ROW + '    every: 0s\n', (4, 12, 2, 'expected a duration above nothing, such as 15m', '')),
    'address': ('sources: [{name: A, url: example.org}]', (1, 26, 11, "'example.org' is no address of the web", WEB)),
    'address of another scheme': ('sources: [{name: A, url: ftp://a}]', (1, 26, 7, "'ftp://a' is no address of the web", WEB)),
    'password': (
        'sources: [{name: A, url: "https://u:p@example.org/"}]',
        (1, 26, 26, 'an address must not hold a name and password', 'put them into headers: {Authorization: …}'),
    ),
    'site address': ('site: {url: /news}\n' + EMPTY, (1, 13, 5, "'/news' is no address of the web", WEB)),
    'time zone': (
        'site: {timezone: Asia/Shangai}\n' + EMPTY,
        (1, 18, 12, "unknown time zone 'Asia/Shangai'", "did you mean 'Asia/Shanghai'?"),
    ),
    'language': ('site: {language: zh_CN}\n' + EMPTY, (1, 18, 5, "'zh_CN' is no language tag", "did you mean 'zh-CN'?")),
    'authority': (
        'site: {authority: example.org}\n' + EMPTY,
        (1, 19, 11, "'example.org' is no authority (RFC 4151)", 'write a host that is yours and a year: news.example.org,2026'),
    ),
    'encoding': (ROW + '    encoding: gbkk\n', (4, 15, 4, "unknown encoding 'gbkk'", "did you mean 'gbk'?")),
    'list': (ROW + '    speaks_for: a.org\n', (4, 17, 5, "expected a list, found the text 'a.org'", 'write [a.org]')),
    'mapping': (EMPTY + 'rules: [{when: x, drop: true}]\n', (2, 16, 1, "expected keys and values (a mapping), found the text 'x'", 'such as {title: 数字经济}')),
    'name twice': (
        ROW + '  - name: A\n    url: https://example.org/b\n',
        (4, 11, 1, "duplicate name 'A'; line 2 has it already", 'give each source a name of its own'),
    ),
    'slug twice': (
        EMPTY + 'categories:\n  - {label: A, slug: x}\n  - {label: B, slug: x}\n',
        (4, 22, 1, "duplicate slug 'x'; line 3 has it already", 'give each category a slug of its own'),
    ),
    'label twice': (
        EMPTY + 'categories:\n  - {label: A}\n  - {label: A}\n',
        (4, 13, 1, "duplicate label 'A'; line 3 has it already", 'keep one of the rows'),
    ),
    'slug': (
        EMPTY + 'categories: [{label: A, slug: 新闻}]\n',
        (2, 31, 2, "'新闻' is no slug", 'a slug is made of a-z, 0-9 and -, such as zhengquan-shibao'),
    ),
    'key twice': (
        ROW + '    url: https://example.org/b\n',
        (4, 5, 3, "duplicate key 'url'", 'it stands in line 3, column 5 already; keep one of them'),
    ),
    'both categories': (
        ROW + '    category: a\n    categories: [b]\n',
        (5, 5, 10, "both 'category' and 'categories'", 'keep one of them; categories: [..] holds several labels'),
    ),
    'template': (
        ROW + '    category: {from: publisher, label: 新闻}\n',
        (4, 40, 2, "'新闻' holds no {publisher}", "write '{publisher}新闻', or a fixed label: category: LABEL"),
    ),
    'idle rule': (
        EMPTY + 'rules: [{when: {title: x}}]\n',
        (2, 9, 18, 'this rule does nothing', 'give it add, remove or drop: true'),
    ),
    'empty condition': (
        EMPTY + 'rules: [{when: {}, add: x}]\n',
        (2, 16, 2, 'this condition is empty', 'such as {title: 数字经济}'),
    ),
    'broken pattern': (
        EMPTY + "rules: [{when: {title: '('}, add: x}]\n",
        (2, 24, 3, "the pattern '(' is no regular expression: missing ), unterminated subpattern", ''),
    ),
    'look-around': (
        ROW + "    key: {guid: '(?=NW)(.*)'}\n",
        (4, 17, 12, "the pattern '(?=NW)(.*)' uses look-around ((?=), which the engine (RE2) does not have", ''),
    ),
    'no group': (
        ROW + "    key: {path: ['/a/(\\d+)', '/b/']}\n",
        (4, 30, 5, "the pattern '/b/' must have exactly one group (…) around the code; it has 0", ''),
    ),
    'idle key': (ROW + '    key: {prefix: NW}\n', (4, 10, 12, 'this key finds no code', 'give it param, path, guid or code')),
    'header name': (ROW + '    headers: {a b: c}\n', (4, 14, 8, "'a b' is no name of a header", 'such as Accept-Language')),
    'header of ours': (
        ROW + '    headers: {If-none-match: x}\n',
        (4, 14, 18, 'the header If-none-match is decided anew for every request', 'remove it'),
    ),
    'header that frames': (
        ROW + '    headers: {Content-Length: "5"}\n',
        (4, 14, 21, 'the header Content-Length is decided anew for every request', 'remove it'),
    ),
    'header value': (
        ROW + '    headers: {X: "a\\r\\nb: c"}\n',
        (4, 14, 16, 'the header X holds a control character or a line break', ''),
    ),
    'control character in a text': (
        'sources:\n  - name: "A\\e[31m"\n    url: https://example.org/\n',
        (2, 11, 9, 'this text holds the control character U+001B', 'remove it'),
    ),
    'bound': (
        ROW + '    category: {from: tags, cap: 0}\n',
        (4, 33, 1, 'expected a number at least 1, found 0', ''),
    ),
    'options class': (
        'sources:\n  - {name: A, kind: json, url: "https://example.org/", items: a, fields: {title: t}, pages: 99}\n',
        (2, 93, 2, '99 is not between 1 and 50', ''),
    ),
    'unknown tag': (
        'sources: !!python/object []\n',
        (1, 10, 18, "unknown tag 'tag:yaml.org,2002:python/object'", 'tags are not used here; remove it'),
    ),
    'alias of nothing': ('sources: *a\n', (1, 10, 2, 'the alias *a has no anchor &a before it', '')),
    'alias in itself': ('sources: &a [*a]\n', (1, 14, 2, 'the alias *a stands inside its own anchor', '')),
    'depth': ('sources: ' + '[' * 60, (1, 59, 1, 'lists and mappings nested deeper than 50', '')),
    'second document': (
        EMPTY + '---\n' + EMPTY,
        (2, 1, 3, 'a second document starts here', 'one file holds one configuration; remove ---'),
    ),
    'mapping as a key': (
        'sources: []\nsite: {title: {{x}}}\n',
        (2, 16, 1, 'a list or mapping cannot be a key', "put braces that belong to a text in quotes: '{…}'"),
    ),
    'open quote': ('sources:\n  - name: "A\n', (2, 11, 1, 'this quote is never closed', '')),
    'open list': ('sources: [\n', (2, 1, 1, 'a list or mapping is never closed', 'a ] or } is missing')),
    'at sign': ('site: {title: @x}\n', (1, 15, 1, "'@' cannot start a value", 'put the value in quotes')),
    'bad escape': (
        'site: {title: "\\d"}\n',
        (1, 17, 1, "unknown escape '\\d' in double quotes", "write the text in single quotes: '…'"),
    ),
    'impossible character': (
        'site: {title: "\\UFFFFFFFF"}\n',
        (1, 8, 5, 'YAML cannot be read from here on (OverflowError)', 'look at quotes and escapes'),
    ),
    'indentation': (
        'site:\n  title: A\n url: b\n',
        (3, 2, 1, 'this line is not indented like the lines it belongs to', 'keys of one mapping start in one column'),
    ),
    'no mapping': ('- a\n', (1, 1, 1, 'expected keys and values (a mapping), found a list', '')),
    'empty': ('', (1, 1, 1, 'this file is empty', 'write sources: and below it - name: and url:')),
    'only comments': ('# x\n', (1, 1, 1, 'this file is empty', 'write sources: and below it - name: and url:')),
    'GBK': ('sources: []  # 新闻\n'.encode('gbk'), (1, 16, 1, 'this is not UTF-8', 'it may be GBK; save the file as UTF-8')),
    'UTF-16': ('\ufeffsources: []\n'.encode('utf-16-le'), (1, 1, 1, 'this is not UTF-8', 'it is UTF-16; save the file as UTF-8')),
    'NUL': (b'sources: []\n# \x00\n', (2, 3, 1, 'the control character U+0000 cannot stand in YAML', 'remove it')),
    'too large': (b'#' * 4_000_001, (1, 1, 1, 'the file is larger than 4 MB', 'is it the right one?')),
}  # fmt: skip


@pytest.mark.parametrize(('text', 'expected'), ONE_FAULT.values(), ids=ONE_FAULT)
def test_one_fault_is_told_once_at_its_place(tmp_path, text, expected):
    assert list(map(told, faults_of(tmp_path, text))) == [expected]


def test_the_line_of_a_fault_is_shown_as_written(tmp_path):
    (fault,) = faults_of(tmp_path, ROW + '    catgory: 新闻  # x\r\n')
    assert (fault.file, fault.text) == ('feeds.yml', '    catgory: 新闻  # x')


MANY = """\
sources:
  - name: A
\turl: https://example.org/1
  - name: B
    代码：000001
    url: https://example.org/2
    catgory: x
  - name:东方
    url: https://example.org/3
  - name: 新闻
    url:https://example.org/4
  - name: B
    url: https://example.org/5
    every: 5 minutes
    category: 财经: 要闻
aliases:
\t东方: x
"""


def test_slips_that_stop_yaml_do_not_hide_what_else_is_wrong(tmp_path):
    assert [(fault.line, fault.message) for fault in faults_of(tmp_path, MANY)] == [
        (3, 'a tab cannot indent YAML; use blanks'),
        (5, "'代码：000001' looks like a full-width colon (：); YAML needs ':' and a blank"),
        (7, "unknown key 'catgory'"),
        (8, "'name:东方' has no blank after the colon; write 'name: 东方'"),
        (11, "'url:https://example.org/4' has no blank after the colon; write 'url: https://example.org/4'"),
        (12, "duplicate name 'B'; line 4 has it already"),
        (14, "'5 minutes' is no duration"),
        (15, "'财经: 要闻' holds ': ', so it needs quotes"),
        (17, 'a tab cannot indent YAML; use blanks'),
    ]


def test_what_stands_before_a_break_is_judged(tmp_path):
    text = ROW + '    catgory: x\n  - name: B\n    url: https://example.org/b\n    every: "15m\n'
    assert [(fault.line, fault.message) for fault in faults_of(tmp_path, text)] == [
        (4, "unknown key 'catgory'"),
        (7, 'this quote is never closed'),
    ]


def test_texts_may_hold_what_only_looks_like_a_slip(tmp_path):
    text = 'site:\n  title: |\n    name：A\n    url:b\n    \tc\n' + EMPTY
    assert [fault.message for fault in faults_of(tmp_path, text)] == ['this text holds the control character U+000A']
    assert faults_of(tmp_path, 'site: {title: "新华社：要闻"}\naliases: {"a:b": "c：d"}\n' + EMPTY) == ()


def test_an_alias_tells_a_fault_once(tmp_path):
    row = '  - {name: %s, url: https://example.org/, key: %s}\n'
    text = 'sources:\n' + row % ('A', '&k {parm: x}') + row % ('B', '*k') + row % ('C', '*k')
    assert [(fault.line, fault.message) for fault in faults_of(tmp_path, text)] == [
        (2, "unknown key 'parm'"),
    ]


def test_a_bomb_of_aliases_is_refused_before_it_is_built(tmp_path):
    lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    lines += [f'a{n}: &a{n} [{", ".join([f"*a{n - 1}"] * 10)}]' for n in range(1, 12)]
    faults = faults_of(tmp_path, '\n'.join(lines))
    assert faults[-1].message == 'more than 1,000,000 values, aliases counted as what they stand for'


def test_aliases_do_not_get_around_the_depth(tmp_path):
    lines = ['a0: &a0 [x]', *(f'a{n}: &a{n} {{k: *a{n - 1}}}' for n in range(1, 5000))]
    faults = faults_of(tmp_path, '\n'.join(lines))
    assert (faults[-1].line, faults[-1].message) == (50, 'lists and mappings nested deeper than 50')


def test_a_bomb_of_long_texts_is_refused(tmp_path):
    text = f'a: &a "{"x" * 100_000}"\nb: [{", ".join(["*a"] * 4000)}]\n'
    assert faults_of(tmp_path, text)[-1].message.startswith('more than 1,000,000 values')


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / 'feeds.yml')
    assert caught.value.faults == (
        ConfigFault('feeds.yml', 1, 1, 'there is no such file', 'create it, or name another with -c FEEDS.YML'),
    )


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('', 'this is a folder'),
        ('a' * 5000, 'this file cannot be read: File name too long'),
        ('a\0b', 'this file cannot be read: embedded null byte'),
    ],
)
def test_what_is_no_file_is_a_fault(tmp_path, name, message):
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / name)
    assert [fault.message for fault in caught.value.faults] == [message]
