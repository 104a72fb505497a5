"""Where parsing happens: in worker processes that can be killed, so that no document holds or fells the daemon.

    Parser.parse(source, received, seen) -> ParsedFeed        from any thread; waits; never raises

A worker that takes too long is killed, one that takes too much memory or crashes is replaced; the document that did
it comes back failed, with a fault that says so.
"""

from __future__ import annotations

import importlib
import multiprocessing
import resource
import signal
import threading
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Protocol

from pebble import ProcessExpired, ProcessPool

from aggregator.model import Fault, ParsedFeed, ParseLimits, Received, Source

NONE_SEEN: frozenset[bytes] = frozenset()


class ParseDocument(Protocol):
    """A function of a module. `seen` is given where there is some: the marks of items that may be left out."""

    def __call__(
        self, received: Received, source: Source, limits: ParseLimits, seen: frozenset[bytes] = ..., /
    ) -> ParsedFeed: ...


class Parser(Protocol):
    """What poll needs of us."""

    def parse(self, source: Source, received: Received, seen: frozenset[bytes] = ...) -> ParsedFeed: ...

    def close(self) -> None: ...


class InlineParser:
    """Parses in this process: for tests, and for commands that read one document. No limit of time or memory."""

    def __init__(self, parse_document: ParseDocument, limits: ParseLimits) -> None:
        self._parse_document = parse_document
        self._limits = limits

    def parse(self, source: Source, received: Received, seen: frozenset[bytes] = NONE_SEEN) -> ParsedFeed:
        return _parsed(self._parse_document, received, source, self._limits, seen)

    def close(self) -> None:
        """Nothing to close."""


class WorkerParser:
    """Parses in `workers` processes, which start with the first document.

    `parse_document` is a function of a module, which the workers import and, beyond what it needs, nothing else. Each
    document may take `limits.parse_s` seconds; a worker may grow by `limits.memory_bytes`, and makes way for a fresh
    one after `documents_per_worker` documents.
    """

    def __init__(
        self, parse_document: ParseDocument, limits: ParseLimits, workers: int = 2, documents_per_worker: int = 500
    ) -> None:
        self._parse_document = parse_document
        self._limits = limits
        self._workers = workers
        self._documents_per_worker = documents_per_worker
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._closed = False

    def parse(self, source: Source, received: Received, seen: frozenset[bytes] = NONE_SEEN) -> ParsedFeed:
        limits = self._limits
        try:
            arguments = (self._parse_document, received, source, limits, seen)
            future = self._running().schedule(_parsed, args=arguments, timeout=limits.parse_s)
            result: ParsedFeed = future.result()
        except TimeoutError:
            told = f'Parsing took longer than {limits.parse_s:g} s and was stopped ({_size(received)}).'
            return _failed('parse-timeout', told, 'If the document is honest, raise `parsing.limits.time`.')
        except ProcessExpired as died:
            told = f'The parser process died with exit code {died.exitcode} ({_size(received)}).'
            return _failed('parse-crash', told, 'Please report it, with the address of the source.')
        except (BrokenProcessPool, CancelledError, RuntimeError, OSError) as broken:
            return _failed(
                'parse-crash', f'The parser processes could not be used: {broken}.', 'The next round tries again.'
            )
        return result

    def close(self) -> None:
        """Stops the workers and waits until none is left. What is being parsed is given up."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            _stop(pool)

    def _running(self) -> ProcessPool:
        """The pool; a new one where it broke, as it does when a worker cannot even start."""
        with self._lock:
            if self._closed:
                raise RuntimeError('they were closed')
            if self._pool is not None and not self._pool.active:
                _stop(self._pool)
                self._pool = None
            if self._pool is None:
                self._pool = self._started()
            return self._pool

    def _started(self) -> ProcessPool:
        # A fork server has no threads, so that its children are sound, and has imported what they need already:
        # a fresh worker is there in milliseconds. What runs in the daemon is never copied.
        context = multiprocessing.get_context('forkserver')
        module = self._parse_document.__module__
        context.set_forkserver_preload([module, __name__])
        pool = ProcessPool(
            max_workers=self._workers,
            max_tasks=self._documents_per_worker,
            initializer=_prepare_worker,
            initargs=(module, self._limits.memory_bytes),
            context=context,
        )
        _ = pool.active  # starts it
        return pool


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble's annotations have gaps
    pool.join()


def _prepare_worker(module: str, memory_bytes: int) -> None:
    """Runs first in each worker: what parsing needs is imported, then the memory is limited."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # so that it ends inside a C extension too
    importlib.import_module(module)
    limit = _own_size() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _own_size() -> int:
    """Bytes of address space in use: RLIMIT_AS counts what the interpreter and its libraries take as well."""
    try:
        pages = int(Path('/proc/self/statm').read_text(encoding='ascii').split()[0])
    except (OSError, ValueError):
        return 1 << 30  # no Linux; a guess on the safe side
    return pages * resource.getpagesize()


def _parsed(
    parse_document: ParseDocument, received: Received, source: Source, limits: ParseLimits, seen: frozenset[bytes]
) -> ParsedFeed:
    """The document parsed; what a parser should not raise but did becomes a fault."""
    try:
        return parse_document(received, source, limits, seen) if seen else parse_document(received, source, limits)
    except MemoryError:
        told = f'Parsing took more than {limits.memory_bytes >> 20} MB of memory ({_size(received)}).'
        return _failed('parse-memory', told, 'If the document is honest, raise `parsing.limits.memory`.')
    except Exception as error:  # noqa: BLE001  # one bad document stays one bad document
        told = f'The parser failed with {type(error).__name__}: {str(error)[:120]} ({_size(received)}).'
        return _failed('parse-crash', told, 'Please report it, with the address of the source.')


def _size(received: Received) -> str:
    return f'{len(received.body):,} bytes'


def _failed(rule: str, message: str, hint: str) -> ParsedFeed:
    return ParsedFeed(faults=(Fault(rule, message, hint),), failed=True)
