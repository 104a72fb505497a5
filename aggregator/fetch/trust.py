"""Whose certificates we trust: those of requests and those of the system; as a context, and as a file for curl."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import tempfile
import threading
import weakref
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

from aggregator.fetch.failure import Failure

_HASHED = re.compile(r'[0-9a-f]{8}\.\d{1,3}')  # how OpenSSL names the certificates of a folder


class Trust:
    """Made at its first use and never again: it takes 44 ms. `given` replaces the certificates trusted by default."""

    def __init__(self, given: ssl.SSLContext | None) -> None:
        self._context = given
        self._folder = None if given else ssl.get_default_verify_paths().capath
        self._file = ''
        self._lock = threading.Lock()

    def context(self) -> ssl.SSLContext:
        with self._lock:
            return self._made()

    def path(self) -> str:
        """The certificates as a PEM file, which lasts as long as this object."""
        with self._lock:
            self._file = self._file or self._written()
            return self._file

    def _made(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = create_urllib3_context()
            self._context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
            self._context.load_default_certs()
        return self._context

    def _written(self) -> str:
        context = self._made()
        if self._folder is not None:
            _load_folder(context, self._folder)
        pem = ''.join(map(ssl.DER_cert_to_PEM_cert, context.get_ca_certs(binary_form=True)))
        try:
            number, path = tempfile.mkstemp('.pem', 'aggregator-trust-')
            weakref.finalize(self, _remove, path)
            with os.fdopen(number, 'w', encoding='ascii') as file:
                file.write(pem)
        except OSError as error:
            raise Failure(
                'tls',
                f'The trusted certificates cannot be written to a temporary file: {error.strerror}',
                'Give this machine a temporary folder that can be written to; TMPDIR names it',
            ) from error
        return path


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        Path(path).unlink()


def _load_folder(context: ssl.SSLContext, folder: str) -> None:
    """A context looks into a folder only when a server shows up, and curl would do so at every connection."""
    with contextlib.suppress(OSError):
        for file in Path(folder).iterdir():
            if _HASHED.fullmatch(file.name):
                with contextlib.suppress(OSError):  # ssl.SSLError is one
                    context.load_verify_locations(file)
