"""A feed to bytes. Everything here is a function of its arguments: no clock, no locale, no network."""

from aggregator.render.aboutpage import about_page
from aggregator.render.assembly import Fragment, Ready
from aggregator.render.entrypage import entry_page
from aggregator.render.formats import FORMATS, Edition, Format, documents_of, edition_of, formats_of, paths_of
from aggregator.render.front import entry_fragment as front_row
from aggregator.render.front import first_sources, index_page, needy_among, newest_rows
from aggregator.render.instants import zone_of
from aggregator.render.opml import Undated, categories_opml, sources_opml, undated_sources_opml
from aggregator.render.pages import archive_page, not_found_page
from aggregator.render.paper import script_document, style_document
from aggregator.render.posts import post_of
from aggregator.render.searchpage import search_page
from aggregator.render.sourcepages import ROUNDS, source_page, sources_page
from aggregator.render.words import words_of

__all__ = [
    'FORMATS',
    'ROUNDS',
    'Edition',
    'Format',
    'Fragment',
    'Ready',
    'Undated',
    'about_page',
    'archive_page',
    'categories_opml',
    'documents_of',
    'edition_of',
    'entry_page',
    'first_sources',
    'formats_of',
    'front_row',
    'index_page',
    'needy_among',
    'newest_rows',
    'not_found_page',
    'paths_of',
    'post_of',
    'script_document',
    'search_page',
    'source_page',
    'sources_opml',
    'sources_page',
    'style_document',
    'undated_sources_opml',
    'words_of',
    'zone_of',
]
