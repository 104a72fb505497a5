"""The commands. Each opens what it needs, asks the rooms, shows the answer; nothing is decided here."""

from aggregator.cli.main import main

__all__ = ['main']
