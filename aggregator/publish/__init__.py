"""From the store to the public folder: what changed is rendered again, and written where its bytes are others."""

from aggregator.publish.feeds import began_at
from aggregator.publish.memory import Memory, ttl_of
from aggregator.publish.pages import about, not_found
from aggregator.publish.publishing import Published, mark_lost, publish

__all__ = ['Memory', 'Published', 'about', 'began_at', 'mark_lost', 'not_found', 'publish', 'ttl_of']
