"""The forms in which sources write dates: patterns that must fit a whole string, and the words in them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            'jan january',
            'feb february',
            'mar march',
            'apr april',
            'may',
            'jun june',
            'jul july',
            'aug august',
            'sep sept september',
            'oct october',
            'nov november',
            'dec december',
        ),
        1,
    )
    for name in names.split()
}
# RFC 822, 5.1, and what mail and feeds use beside it; in minutes. `cst` is missing: it means the source's zone.
ZONES: Final = {
    **dict.fromkeys(('z', 'gmt', 'ut', 'utc', 'wet'), 0),
    'est': -300,
    'edt': -240,
    'cdt': -300,
    'mst': -420,
    'mdt': -360,
    'pst': -480,
    'pdt': -420,
    'akst': -540,
    'akdt': -480,
    'hst': -600,
    'ast': -240,
    'adt': -180,
    'bst': 60,
    'west': 60,
    'cet': 60,
    'met': 60,
    'mez': 60,
    'cest': 120,
    'mest': 120,
    'mesz': 120,
    'eet': 120,
    'eest': 180,
    'msk': 180,
    'hkt': 480,
    'sgt': 480,
    'awst': 480,
    'jst': 540,
    'kst': 540,
    'aest': 600,
    'aedt': 660,
    'nzst': 720,
    'nzdt': 780,
}
HALVES: Final = {
    **dict.fromkeys(('am', 'a.m.', '上午', '凌晨', '早上', '早晨', '清晨'), 0),
    **dict.fromkeys(('pm', 'p.m.', '下午', '晚上', '傍晚', '晚间', '中午'), 12),
}
UNITS: Final = {
    **dict.fromkeys(('秒', '秒钟', 'second', 'sec', 's'), timedelta(seconds=1)),
    **dict.fromkeys(('分钟', '分', '分鐘', 'minute', 'min', 'm'), timedelta(minutes=1)),
    **dict.fromkeys(('小时', '小時', '个小时', '個小時', '钟头', 'hour', 'hr', 'h'), timedelta(hours=1)),
    **dict.fromkeys(('天', '日', 'day', 'd'), timedelta(days=1)),
    **dict.fromkeys(('周', '星期', '个星期', 'week', 'w'), timedelta(weeks=1)),
}
DAYS_BACK: Final = {'今天': 0, '今日': 0, 'today': 0, '昨天': 1, '昨日': 1, 'yesterday': 1, '前天': 2, '前日': 2}

TIME: Final = (
    r'(?P<half>上午|凌晨|早上|早晨|清晨|下午|晚上|傍晚|晚间|中午)?\s?'
    r'(?P<hour>\d{1,2})(?:\s?[:时時点點]\s?(?P<minute>\d{1,2})?)(?:(?:\s?[:分]\s?)(?P<second>\d{1,2})?)?\s?秒?'
    r'(?:[.,:](?P<fraction>\d{1,9}))?\s?(?P<after>[AaPp]\.?[Mm]\.?)?'
)
ZONE: Final = (
    r'(?P<zone>[A-Za-z]{1,5}|(?:UTC|GMT|utc|gmt)?\s?[+\-−]\s?\d{1,2}(?::?\d{2})?(?::?\d{2})?)?'
    r'(?:\s?\((?:[^()]{0,40})\))?'
)
MONTH_NAME: Final = r'(?P<month>[A-Za-z]{3,9})\.?'


def whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf'{pattern}\Z')


NUMERIC: Final = whole(
    r'(?P<year>\d{4})\s?(?P<mark>[-/.年_])\s?(?P<month>\d{1,2})\s?[-/.月_]\s?(?P<day>\d{1,2})\s?[日号號]?'
    rf'(?:(?:[Tt\s,_-]|(?<=[日号號]))\s?{TIME})?\s?{ZONE}',
)
PACKED: Final = whole(
    r'(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})'
    rf'(?:[Tt\s]?(?P<hour>\d{{2}})(?P<minute>\d{{2}})(?P<second>\d{{2}})?(?:[.,](?P<fraction>\d{{1,9}}))?)?\s?{ZONE}',
)
PACKED_DAY: Final = whole(rf'(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}})[Tt\s]\s?{TIME}\s?{ZONE}')
MAIL: Final = whole(
    rf'(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]{{0,2}}{MONTH_NAME},?[\s-]{{0,2}}(?P<year>\d{{4}}|\d{{2}})'
    rf'(?:(?:,|\s|\sat\s|:){{1,2}}{TIME})?\s?{ZONE}',
)
AMERICAN: Final = whole(
    rf'{MONTH_NAME}\s?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s?|\s)(?P<year>\d{{4}})(?:(?:,|\s|\sat\s){{1,2}}{TIME})?\s?{ZONE}',
)
C_TIME: Final = whole(rf'{MONTH_NAME}\s(?P<day>\d{{1,2}})\s{TIME}\s{ZONE}\s?(?P<year>\d{{4}})')
SLASHED: Final = whole(
    rf'(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/(?P<year>\d{{4}})(?:(?:,|\s|-){{1,3}}{TIME})?\s?{ZONE}'
)
DOTTED: Final = whole(
    rf'(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})(?:(?:,|\s|-){{1,3}}{TIME})?\s?{ZONE}'
)
NO_YEAR: Final = whole(
    rf'(?P<month>\d{{1,2}})\s?[-/月.]\s?(?P<day>\d{{1,2}})\s?[日号號]?(?:(?:\s|(?<=[日号號]))\s?{TIME})?\s?{ZONE}',
)
PART: Final = whole(r'(?P<year>\d{4})(?:\s?[-/年]\s?(?:(?P<month>\d{1,2})\s?月?)?)?')
EPOCH: Final = whole(r'(?P<sign>-?)(?P<seconds>\d{9,10}|\d{12,13}|\d{16}|\d{19})(?P<rest>\.\d{0,9})?')
AGO: Final = whole(r'约?(?P<count>\d{1,4}|半|an?)\s?(?P<unit>[^\W\d_]{1,6}?)s?\s?(?:之?前|ago)')
NOW: Final = whole(r'刚刚|剛剛|刚才|just now|now')
DAYS: Final = whole(rf'(?P<word>今天|今日|昨天|昨日|前天|前日|today|yesterday)(?:\s?,?\s?(?:at\s)?{TIME})?\s?{ZONE}')
CLOCK: Final = whole(rf'{TIME}')

WEEKDAY: Final = re.compile(
    r'(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s?|[(（]?(?:星期|周|週|礼拜)[一二三四五六日天][)）]?,?\s?)(?=[\dA-Za-z上下凌早晚])',
    re.IGNORECASE,
)
WEEKDAY_INSIDE: Final = re.compile(r'\s?[(（]?(?:星期|周|週|礼拜)[一二三四五六日天][)）]?\s?')
OTHER_WEEKDAY: Final = re.compile(r'[^\W\d_]{1,12}\.?,\s?(?=\d)')
