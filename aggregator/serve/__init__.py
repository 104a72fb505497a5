"""Finished bytes: into the public folder, and over HTTP. Nothing is rendered or decided here."""

from aggregator.serve.app import App, make_app
from aggregator.serve.connection import Limits
from aggregator.serve.folder import PublicFolder, WriteReport
from aggregator.serve.headers import FEEDS, ascii_url
from aggregator.serve.health import Health
from aggregator.serve.listening import address_of, host_and_port, listening_warning
from aggregator.serve.live import LivePage, Made
from aggregator.serve.metrics import Metrics
from aggregator.serve.server import Server

__all__ = [
    'FEEDS',
    'App',
    'Health',
    'Limits',
    'LivePage',
    'Made',
    'Metrics',
    'PublicFolder',
    'Server',
    'WriteReport',
    'address_of',
    'ascii_url',
    'host_and_port',
    'listening_warning',
    'make_app',
]
