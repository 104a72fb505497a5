"""A feed to bytes. Everything here is a function of its arguments: no clock, no locale, no network."""

from aggregator.render.assembly import Fragment
from aggregator.render.formats import FORMATS, Edition, Format, documents_of, edition_of, formats_of
from aggregator.render.opml import categories_opml, sources_opml
from aggregator.render.pages import about_page, index_page, not_found_page, style_document
from aggregator.render.posts import post_of

__all__ = [
    'FORMATS',
    'Edition',
    'Format',
    'Fragment',
    'about_page',
    'categories_opml',
    'documents_of',
    'edition_of',
    'formats_of',
    'index_page',
    'not_found_page',
    'post_of',
    'sources_opml',
    'style_document',
]
