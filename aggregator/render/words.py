"""What our pages and feeds say to people, in Chinese and English; the site's language chooses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Interface strings. `{}` takes a number or a name, by `str.format`."""

    source: str
    original: str
    untitled: str
    skip: str
    home: str
    about: str
    categories: str
    sources: str
    latest: str
    everything: str
    entries: str
    more: str
    summary: str
    nothing: str
    states: Mapping[str, str]
    about_text: str
    contact: str
    version: str
    not_found: str
    not_found_text: str
    suggestions: str
    footer: str


CHINESE = Words(
    source='来源：',
    original='原文',
    untitled='（无题）',
    skip='跳到正文',
    home='首页',
    about='关于',
    categories='分类',
    sources='来源',
    latest='最新',
    everything='全部条目',
    entries='{} 条',
    more='另有 {} 个，见 OPML 列表',
    summary='{sources} 个来源，{healthy} 个正常，{failing} 个异常；{categories} 个分类。',
    nothing='还没有内容。',
    states={
        'new': '尚未抓取',
        'ok': '正常',
        'degraded': '格式有误',
        'failing': '抓取失败',
        'gone': '已停止',
        'retired': '已移除',
    },
    about_text='本站汇集公开的订阅源，去重、分类后重新发布。每一条都注明来源并链接到原文，内容版权归原发布者所有。'
    '发布者如需调整抓取或撤下内容，请与我们联系。',
    contact='联系',
    version='版本',
    not_found='找不到此页',
    not_found_text='这个地址没有内容。',
    suggestions='也许您要找的是：',
    footer='内容版权归原发布者所有，每一条都链接到原文。',
)

ENGLISH = Words(
    source='Source: ',
    original='Original',
    untitled='(untitled)',
    skip='Skip to content',
    home='Home',
    about='About',
    categories='Categories',
    sources='Sources',
    latest='Latest',
    everything='Everything',
    entries='{} entries',
    more='{} more in the OPML list',
    summary='{sources} sources, {healthy} healthy, {failing} failing; {categories} categories.',
    nothing='Nothing here yet.',
    states={
        'new': 'not polled yet',
        'ok': 'healthy',
        'degraded': 'malformed',
        'failing': 'failing',
        'gone': 'stopped',
        'retired': 'removed',
    },
    about_text='This site gathers public feeds, removes duplicates, sorts the entries into categories and publishes '
    'them again. Every entry names its source and links to the original; all rights remain with the publishers. If you '
    'are a publisher and want us to poll differently or to take something down, please write to us.',
    contact='Contact',
    version='Version',
    not_found='Page not found',
    not_found_text='There is nothing at this address.',
    suggestions='Perhaps you are looking for:',
    footer='All rights remain with the publishers; every entry links to its original.',
)


def words_of(language: str) -> Words:
    """Chinese for zh and all its regions and scripts, English for everybody else."""
    return CHINESE if language.lower().split('-')[0] == 'zh' else ENGLISH
