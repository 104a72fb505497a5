"""The Jekyll exporter: our own post whole, the seed's post byte for byte, and what a hostile entry cannot do to Jekyll."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.model import Site
from aggregator.render.posts import post_of


def front_matter(entry, site):
    return dict(line.split(': ', 1) for line in post_of(entry, site).body.decode().split('---\n')[1].splitlines())


def test_the_whole_post(entry, site, golden):
    post = post_of(entry, site)
    assert post.path == '2022-04-12-NW202204120000000001.md'
    assert post.body.decode() == golden('post.md')


@pytest.mark.shared
def test_the_seed_comes_out_byte_for_byte(shared, entry):
    (path,) = (shared / 'seed').glob('*.md')
    text = path.read_text('utf-8')
    match = re.fullmatch(r'---\n(.*?)\n---\n(.*)\n\n<(.*)>\n\n\[返回(.*)\]\(.*\)｜.*', text, re.DOTALL)
    said = dict(line.split(': ', 1) for line in match[1].splitlines())
    again = replace(
        entry,
        identity='code:NW202204122339013090',
        title=said['title'].strip('"'),
        link=match[3],
        publisher='证券时报网',
        published_at=datetime.strptime(said['date'], '%Y-%m-%d %H:%M:%S %z').astimezone(UTC),
        content=match[2],
        labels=(match[4],),
        slugs=(said['categories'],),
    )
    post = post_of(again, Site(url='http://finews.withounder.com/'))
    assert post.path == path.name
    assert post.body == path.read_bytes()


@pytest.mark.parametrize(
    ('offset', 'path', 'date'),
    [
        (480, '2022-04-12', '2022-04-12 05:57:24 +0800'),
        (0, '2022-04-11', '2022-04-11 21:57:24 +0000'),
        (-210, '2022-04-11', '2022-04-11 18:27:24 -0330'),
        (None, '2022-04-12', '2022-04-12 05:57:24 +0800'),
        (99_999, '2022-04-12', '2022-04-12 05:57:24 +0800'),
    ],
)
def test_the_date_stands_in_the_zone_it_was_stated_in(entry, site, offset, path, date):
    entry = replace(entry, offset_min=offset)
    assert post_of(entry, site).path.startswith(path)
    assert front_matter(entry, site)['date'] == date


@pytest.mark.parametrize(
    ('identity', 'name'),
    [
        ('code:AP202204120000000001', r'AP202204120000000001'),
        ('url:https://a.example/n/1.html?x=1', r'url-https-a-example-n-1-html-x-1-[0-9a-f]{8}'),
        ('code:../../etc/passwd', r'code-etc-passwd-[0-9a-f]{8}'),
        ('guid:深圳', r'guid-[0-9a-f]{8}'),
        ('深\ud800', r'[0-9a-f]{8}'),
        ('said:' + 'x' * 500, r'said-x{75}-[0-9a-f]{8}'),
    ],
)
def test_the_name_of_the_file_is_safe(entry, site, identity, name):
    assert re.fullmatch(rf'2022-04-12-{name}\.md', post_of(replace(entry, identity=identity), site).path)


def test_different_identities_never_share_a_file(entry, site):
    assert len({post_of(replace(entry, identity=one), site).path for one in ('url:a/b', 'url:a-b', 'url:A-b')}) == 3


@pytest.mark.parametrize(
    ('title', 'written'),
    [
        ('平', '"平"'),
        ('说"好" \\ 了', r'"说\"好\" \\ 了"'),
        ('两\n---\n行', '"两 --- 行"'),
        ('控\x00制\ud800', '"控制"'),
        ('行\u2028分', '"行 分"'),
    ],
)
def test_a_title_is_one_quoted_line(entry, site, title, written):
    assert front_matter(replace(entry, title=title), site)['title'] == written


@pytest.mark.parametrize(
    ('slug_of', 'category', 'tags'),
    [
        ({'甲报新闻': 'jiabao'}, 'jiabao', '甲报新闻'),
        ({'数字经济': 'shuzi', '甲报新闻': 'jiabao'}, 'jiabao', '[甲报新闻, 数字经济]'),
        ({'数字经济': 'shuzi', '宏观': 'hongguan'}, 'shuzi', '[数字经济, 宏观]'),
        ({'two words': 'two-words'}, 'two-words', '["two words"]'),
        ({'a: "b"': '2022'}, '"2022"', '["a: \\"b\\""]'),
        ({'yes': 'yes'}, '"yes"', '"yes"'),
    ],
)
def test_the_publishers_own_category_comes_first(entry, site, slug_of, category, tags):
    said = front_matter(replace(entry, labels=tuple(slug_of), slugs=tuple(slug_of.values())), site)
    assert (said['categories'], said['tags']) == (category, tags)


def test_without_categories_and_link_the_way_back_is_home(entry, site):
    text = post_of(replace(entry, labels=(), slugs=(), link='javascript:1'), site).body.decode()
    assert 'categories:' not in text
    assert text.endswith('---\n<p>正文<b>粗</b></p>\n\n[返回首页](//news.example/)')


def test_a_source_cannot_program_the_site(entry, site):
    text = post_of(replace(entry, content='<p>{% include x %}{{ site.key }}{%{{</p>'), site).body.decode()
    assert '{%' not in text
    assert '{{' not in text
