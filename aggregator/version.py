"""The version of this program, as its package says it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version('aggregator')
except PackageNotFoundError:  # a checkout that was never installed
    VERSION = '0.0.0'
