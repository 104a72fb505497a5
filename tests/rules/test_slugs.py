"""Slugs: pinyin names, other scripts, collisions."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.rules.slugs import MAX_SLUG, RESERVED, clean_slug, free_slug, slug_of, spelled_by, syllables

SLUG = re.compile(r'[a-z0-9]+(?:-[a-z0-9]+)*')


@pytest.mark.parametrize(
    ('label', 'wanted'),
    [
        ('证券时报网新闻', 'zhengquanshibaowang'),
        ('每日经济新闻新闻', 'meirijingjixinwen'),
        ('21世纪经济报道 21财经APP新闻', '21shijijingjibaodao-21caijingapp'),
        ('安信国际证券(香港)新闻', 'anxinguojizhengquan-xianggang'),
        ('安信国际证券（香港）新闻', 'anxinguojizhengquan-xianggang'),
        ('TechWeb新闻', 'techweb'),
        ('IT之家新闻', 'itzhijia'),
        ('36氪新闻', '36ke'),
        ('新闻', 'xinwen'),
        (' 新闻 ', 'xinwen'),
        ('重庆银行', 'chongqingyinhang'),
        ('绿地', 'lvdi'),
        ('Crème Brûlée', 'creme-brulee'),
        ('Straße & Øre', 'strasse-ore'),
        ('ＡＢＣ　１', 'abc-1'),
        ('“算力”·中国', 'suanli-zhongguo'),
        ('../../etc/passwd', 'etc-passwd'),
        ('All', 'all'),
    ],
)
def test_slug_of(label, wanted):
    assert slug_of(label) == wanted


def test_what_latin_letters_cannot_say_ends_in_a_digest():
    assert re.fullmatch('c-[0-9a-f]{8}', slug_of('한국'))
    assert re.fullmatch('news-c-[0-9a-f]{8}', slug_of('한국 News'))
    assert slug_of('한국 News') != slug_of('Привет News')
    assert re.fullmatch('c-[0-9a-f]{8}', slug_of(''))
    assert re.fullmatch('c-[0-9a-f]{8}', slug_of('🙂'))


def test_long_labels_stay_apart():
    one, other = slug_of('中' * 100 + '一'), slug_of('中' * 100 + '二')
    assert len(one) <= MAX_SLUG
    assert one != other
    assert slug_of('a' * 1000 + '1') != slug_of('a' * 1000 + '2')


@pytest.mark.parametrize(
    ('hint', 'wanted'),
    [
        ('emnews', 'emnews'),
        ('21shijijingjibaodao 21caijingAPP', '21shijijingjibaodao-21caijingapp'),
        ('anxinguojizhengquan(xianggang)', 'anxinguojizhengquan-xianggang'),
        ('a/../b', 'a-b'),
        ('财经', ''),
        ('--', ''),
        ('', ''),
        ('x' * 90, 'x' * 80),
    ],
)
def test_clean_slug(hint, wanted):
    assert clean_slug(hint) == wanted


def test_free_slug_counts_on():
    assert free_slug('news', set(), '新闻') == 'news'
    assert free_slug('news', {'news'}, '新闻') == 'news-2'
    assert free_slug('news', {'news', 'news-2', 'news-3'}, '新闻') == 'news-4'
    assert free_slug('all', set(), 'All') == 'all-2'
    assert free_slug('', set(), '财经新闻') == 'caijing'
    assert free_slug('x' * 80, {'x' * 80}, 'x') == 'x' * 78 + '-2'


class EverythingBut:
    """Every slug is taken but those that a test lets through."""

    def __init__(self, free):
        self.free = free
        self.asked = 0

    def __contains__(self, slug):
        self.asked += 1
        return not self.free(slug)


def test_many_collisions_end_in_a_digest_after_few_questions():
    taken = EverythingBut(lambda slug: re.fullmatch('news-[0-9a-f]{8}', slug))
    slug = free_slug('news', taken, '新闻')
    assert re.fullmatch('news-[0-9a-f]{8}', slug)
    assert taken.asked <= 110


@given(st.text(max_size=400))
def test_any_label_makes_one_good_slug(label):
    slug = slug_of(label)
    assert SLUG.fullmatch(slug)
    assert len(slug) <= MAX_SLUG
    assert slug_of(label) == slug
    assert clean_slug(slug) == slug


@given(st.text(max_size=200))
def test_any_hint_is_made_fit_or_refused(hint):
    slug = clean_slug(hint)
    assert slug == '' or SLUG.fullmatch(slug)
    assert len(slug) <= MAX_SLUG


@given(st.text(max_size=100), st.sets(st.sampled_from(['a', 'a-2', 'all', 'index', 'b', 'a-3'])), st.text(max_size=10))
def test_free_slug_is_free(wanted, taken, label):
    slug = free_slug(wanted, taken, label)
    assert slug not in taken | RESERVED
    assert SLUG.fullmatch(slug)
    assert len(slug) <= MAX_SLUG


def test_pinyin_is_not_imported_before_a_slug_is_made():
    asked = 'import sys, aggregator.rules.slugs as s; s.slug_of("abc"); sys.exit("pypinyin" in sys.modules)'
    assert subprocess.run([sys.executable, '-c', asked], check=False).returncode == 0


def test_another_dictionary_is_asked_while_it_stands_in():
    asked = []
    with spelled_by(lambda text: asked.append(text) or syllables(text)):
        assert (slug_of('重庆日报'), slug_of('abc')) == ('chongqingribao', 'abc')
    assert slug_of('重庆') == 'chongqing'
    assert asked == ['重庆日报']
