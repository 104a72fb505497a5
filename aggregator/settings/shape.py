"""The raw shape of feeds.yml: keys, types, and the sentence that documents each. Defaults are applied elsewhere.

A key that was not written is None here, so that `defaults:` and the built-in defaults can be told apart.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictBool, StrictInt, Tag, model_validator

from aggregator.model import CategoryRule
from aggregator.settings.addresses import Authority, Headers, Host, SiteUrl
from aggregator.settings.values import (
    Encoding,
    Every,
    KeyPattern,
    Label,
    Language,
    Pattern,
    Slug,
    Template,
    Text,
    TimeZone,
    one_or_more,
    wrong,
)


class Shape(BaseModel):
    """A mapping of the configuration: unknown keys are faults."""

    model_config = ConfigDict(extra='forbid', populate_by_name=False, protected_namespaces=())


class SiteShape(Shape):
    """Who publishes, and where."""

    title: Text | None = Field(
        default=None, description='Title of the site and of the feed of everything.', examples=['财经新闻聚合']
    )
    url: SiteUrl | None = Field(
        default=None,
        description='Public base of every link; absolute, http or https.',
        examples=['https://news.example.org/'],
    )
    authority: Authority | None = Field(
        default=None,
        description='Who mints the ids (RFC 4151): host and year. Absent: host of url, year of the first run.',
        examples=['news.example.org,2026'],
    )
    language: Language | None = Field(default=None, description='Language of the feeds (RFC 5646).', examples=['zh-CN'])
    timezone: TimeZone | None = Field(
        default=None,
        description='Time zone of the pages, and of the sources that name none.',
        examples=['Asia/Shanghai'],
    )
    noindex: StrictBool | None = Field(
        default=None, description='Ask search engines to stay away from republished pages.'
    )


class KeyShape(Shape):
    """Where an entry shows its publisher's own id. Patterns are RE2 and have exactly one group."""

    param: Text | None = Field(default=None, description='URL parameter that holds the code.', examples=['infoCode'])
    path: one_or_more(KeyPattern) | None = Field(  # type: ignore[valid-type]
        None, description='Pattern, or several, searched in the path of the link.', examples=[r'/a/(\d{18})\.html']
    )
    guid: KeyPattern | None = Field(
        default=None, description='Pattern searched in the guid as sent.', examples=[r'^(NW\d{18})$']
    )
    code: KeyPattern | None = Field(
        default=None, description='Pattern searched in the code field as sent.', examples=[r'^(\d{18})$']
    )
    prefix: Text | None = Field(default=None, description='Put before a code of bare digits.', examples=['NW'])

    @model_validator(mode='after')
    def _finds_something(self) -> Self:
        if not (self.param or self.path or self.guid or self.code):
            raise wrong('this key finds no code', 'give it param, path, guid or code')
        return self


class CategoryShape(Shape):
    """Labels that come from the entries themselves."""

    from_: Literal['publisher', 'tags'] = Field(
        ..., alias='from', description='Where an open label comes from.', examples=['publisher']
    )
    label: Template = Field(
        default=CategoryRule().label, description='Template of an open label.', examples=['{publisher}新闻']
    )
    labels: list[Label] = Field(default=[], description='Fixed labels besides.', examples=[['要闻']])
    allow: list[Text] = Field(
        default=[], description='Publishers that may make a label; none named: all.', examples=[['证券时报网']]
    )
    deny: list[Text] = Field(default=[], description='Publishers that never make a label.', examples=[['某网']])
    cap: StrictInt = Field(
        default=CategoryRule().cap,
        ge=1,
        le=1_000_000,
        description='Open labels that may come to life through this source.',
    )


def _form(value: Any) -> str:
    return 'mapping' if isinstance(value, dict) else 'text'


Category = Annotated[
    Annotated[Label, Tag('text')] | Annotated[CategoryShape, Tag('mapping')],
    Discriminator(_form),
]


class DefaultsShape(Shape):
    """What holds for every source that does not say otherwise."""

    every: Every | None = Field(
        default=None,
        description='How often to poll: a duration; times like a line of cron (minute hour day month weekday) in the'
        " source's time zone; or `adaptive`, from its rhythm of publishing.",
        examples=['15m', '*/5 9-15 * * 1-5', 'adaptive'],
    )
    timezone: TimeZone | None = Field(
        default=None, description='Zone of dates that name none.', examples=['Asia/Shanghai']
    )
    content: Literal['full', 'summary', 'link'] | None = Field(
        default=None, description='How much of an entry is republished.', examples=['full']
    )
    group: Text | None = Field(
        default=None,
        description='Sources of one group carry the same articles and trust each other.',
        examples=['eastmoney'],
    )
    private: StrictBool | None = Field(default=None, description='The source may be on a private or loopback address.')
    encoding: Encoding | None = Field(
        default=None, description='Encoding of the documents, whatever they claim.', examples=['gb18030']
    )
    headers: Headers | None = Field(
        default=None, description='Further request headers.', examples=[{'Accept-Language': 'zh-CN'}]
    )
    speaks_for: list[Host] | None = Field(
        default=None, description='Further hosts whose entries the source may speak for.', examples=[['example.org']]
    )
    key: KeyShape | None = Field(default=None, description="Where entries show their publisher's own id.")
    category: Category | None = Field(
        default=None,
        description='A label, or where labels come from.',
        examples=['证券时报网新闻', {'from': 'publisher'}],
    )


class SourceShape(DefaultsShape):
    """A source: what is polled. `kind` decides which further keys there are."""

    name: Text = Field(..., description='Name of the source, unique in this file.', examples=['证券时报网'])
    categories: list[Label] | None = Field(
        default=None, description='Several fixed labels.', min_length=1, examples=[['要闻', '股市']]
    )


class UrlsShape(Shape):
    """How links are compared."""

    drop: list[Text] = Field(default=[], description='Further URL parameters that mean nothing.', examples=[['spm_id']])
    unwrap: dict[str, Text] = Field(
        default={},
        description='host/path of a redirect: the parameter that holds the real link.',
        examples=[{'go.example.org/out': 'to'}],
    )


class CategoryDefShape(Shape):
    """The name of a category in paths and titles."""

    label: Label = Field(..., description='The label as entries get it.', examples=['证券时报网新闻'])
    slug: Slug | None = Field(
        default=None, description='Its name in paths; absent: pinyin.', examples=['zhengquanshibaowang']
    )
    title: Text | None = Field(
        default=None, description='Title of its feed; absent: the label.', examples=['证券时报网新闻']
    )


class ConditionShape(Shape):
    """One pattern, or a combination. Several keys in one mapping: all of them."""

    title: Pattern | None = Field(default=None, description='Searched in the title (RE2).', examples=['数字经济'])
    text: Pattern | None = Field(
        default=None, description='Searched in the text without markup (RE2).', examples=['数字经济']
    )
    url: Pattern | None = Field(default=None, description='Searched in the link (RE2).', examples=['/stock/'])
    author: Pattern | None = Field(default=None, description='Searched in the authors (RE2).', examples=['张三'])
    publisher: Pattern | None = Field(default=None, description='Searched in the publisher (RE2).', examples=['^某网$'])
    source: Pattern | None = Field(
        default=None, description="Searched in the source's name (RE2).", examples=['^旧站$']
    )
    tag: Pattern | None = Field(default=None, description='Searched in each tag (RE2).', examples=['^宏观$'])
    all: list[ConditionShape] | None = Field(
        default=None, min_length=1, description='All of these.', examples=[[{'title': '数字'}]]
    )
    any: list[ConditionShape] | None = Field(
        default=None, min_length=1, description='One of these.', examples=[[{'title': '数字'}]]
    )
    not_: ConditionShape | None = Field(
        default=None, alias='not', description='Not this.', examples=[{'publisher': '某网'}]
    )

    @model_validator(mode='after')
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise wrong('this condition is empty', 'such as {title: 数字经济}')
        return self


class RuleShape(Shape):
    """What happens to the entries that a condition holds for."""

    when: ConditionShape = Field(..., description='The condition.', examples=[{'title': '数字经济'}])
    add: one_or_more(Label) | None = Field(default=None, description='Labels that are added.', examples=['数字经济'])  # type: ignore[valid-type]
    remove: one_or_more(Label) | None = Field(default=None, description='Labels that are removed.', examples=['要闻'])  # type: ignore[valid-type]
    drop: StrictBool | None = Field(default=None, description='Keep the entry out of every feed.')
