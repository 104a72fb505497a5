"""A real Chromium for the tests of the pages, and the picture of the README.

python tests/pages/browser_made.py docs/pictures/home.png     makes the picture again
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), '')
KEPT = os.environ.get('AGGREGATOR_SCREENSHOTS', '')  # a folder for the pictures: then they are of whole pages
# For root and for a network that is closed: nothing is asked of anybody but the pages' own server.
FLAGS = (
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
)
VIEWS: dict[str, dict[str, Any]] = {
    'desktop': {'viewport': {'width': 1200, 'height': 850}},
    'phone': {
        'viewport': {'width': 390, 'height': 800},
        'device_scale_factor': 2,
        'is_mobile': True,
        'has_touch': True,
    },
    'dark': {'viewport': {'width': 1200, 'height': 850}, 'color_scheme': 'dark'},
}


def why_none() -> str:
    """Why no browser can be driven here; '' where one can."""
    try:
        import axe_playwright_python  # noqa: F401
        import playwright  # noqa: F401
    except ImportError as error:
        return f'{error.name} is not installed: pip install -e .[browser]'
    return '' if CHROMIUM else 'there is no chromium on this machine: apt-get install chromium'


class NoBrowser(Exception):
    """It is installed and does not start: a machine without the memory or the rights for it."""


@contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        except Error as error:
            raise NoBrowser(str(error)) from error
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def chromium_here() -> Iterator[Any]:
    """For a fixture: the tests that ask for it are skipped where it does not start."""
    import pytest

    with ExitStack() as open_ones:
        try:
            started = open_ones.enter_context(chromium())
        except NoBrowser as error:
            pytest.skip(f'chromium does not start here: {error}')
        yield started


def screenshots(made: Path) -> Path:
    """Where pictures go: AGGREGATOR_SCREENSHOTS, else a folder that goes away."""
    folder = Path(KEPT or made)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def take_picture(target: Path) -> None:
    """The front page of the made-up town, as the README shows it."""
    from pages_made import served

    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as town, chromium() as browser:
        page = browser.new_page(viewport={'width': 1040, 'height': 860})
        page.goto(town.base)
        page.screenshot(path=str(target))


if __name__ == '__main__':
    if told := why_none():
        sys.exit(told)
    take_picture(Path(sys.argv[1]))
