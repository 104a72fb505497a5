"""Where parsing happens: in worker processes that can be killed, so that no document holds or fells the daemon.

    Parser.parse(source, received, seen) -> ParsedFeed        from any thread; waits; never raises

A worker that takes too long is killed, one that takes too much memory or crashes is replaced; the document that did
it comes back failed, with a fault that says so.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from aggregator.model import Fault, ParsedFeed, ParseLimits, Received, Source
from aggregator.parse.border import open_border
from aggregator.parse.nursery import Nursery, Worker

REST_S = 60.0  # a worker that nobody needed for so long ends
FEW = 4  # documents at once, for which one worker is enough
PATIENCE_S = 0.1  # none of them waits longer for it
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
    """Parses in up to `workers` processes, which start with the first document and end when nobody needs them.

    Each takes some 15 MB of its own, so one reads them all as long as few come at once and none has waited for
    `patience_s`.

    `parse_document` is a function of a module, which the workers import and, beyond what it needs, nothing else. Each
    document may take `limits.parse_s` seconds; a worker may grow by `limits.memory_bytes`, and makes way for a fresh
    one after `documents_per_worker` documents.
    """

    def __init__(
        self,
        parse_document: ParseDocument,
        limits: ParseLimits,
        workers: int = 2,
        documents_per_worker: int = 500,
        patience_s: float = PATIENCE_S,
    ) -> None:
        open_border()
        self._parse_document = parse_document
        self._limits = limits
        self._documents_per_worker = documents_per_worker
        self._patience_s = patience_s
        self._places = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()  # holds together all that follows
        self._free = threading.Condition(self._lock)
        self._asked = 0  # documents that are here now
        self._nursery: Nursery | None = None
        self._workers: set[Worker] = set()
        self._idle: list[Worker] = []  # the one that worked last works next, so that others may rest
        self._resting: set[Worker] = set()  # those that were idle at the last look, and since
        self._timer = threading.Timer(REST_S, self.rest)
        self._closed = False

    def parse(self, source: Source, received: Received, seen: frozenset[bytes] = NONE_SEEN) -> ParsedFeed:
        limits = self._limits
        call = partial(_parsed, self._parse_document, received, source, limits, seen)
        try:
            with self._here(), self._places:
                return self._called(pickle.dumps(call))
        except TimeoutError:
            told = f'Parsing took longer than {limits.parse_s:g} s and was stopped ({_size(received)}).'
            return _failed('parse-timeout', told, 'If the document is honest, raise `parsing.limits.time`.')
        except _Died as died:
            told = f'The parser process died with exit code {died} ({_size(received)}).'
            return _failed('parse-crash', told, 'Please report it, with the address of the source.')
        except OSError as broken:
            return _failed(
                'parse-crash', f'The parser processes could not be used: {broken}.', 'The next round tries again.'
            )

    def close(self) -> None:
        """Stops the workers and waits until none is left. What is being parsed is given up."""
        with self._lock:
            self._closed = True
            self._put_away()

    def rest(self) -> None:
        """Ends the workers that have done nothing since the last call, and with the last one the nursery."""
        with self._lock:
            for worker in self._resting:
                self._idle.remove(worker)
                self._end(worker)
            self._resting = set(self._idle)
            if self._workers:
                self._rest_later()
            else:
                self._put_away()

    def _called(self, call: bytes) -> ParsedFeed:
        with self._lock:
            worker = self._taken()
        try:
            answer = worker.ask(call, self._limits.parse_s)
        except (TimeoutError, EOFError) as error:
            with self._lock:
                code = self._end(worker)
                self._free.notify()
            if isinstance(error, TimeoutError):
                raise
            raise _Died(code) if code is not None else OSError('they were closed') from error
        with self._lock:
            self._give_back(worker)
        result: ParsedFeed = pickle.loads(answer)  # noqa: S301  # of our own worker
        return result

    @contextmanager
    def _here(self) -> Iterator[None]:
        with self._lock:
            self._asked += 1
            if self._asked > FEW:
                self._free.notify_all()
        try:
            yield
        finally:
            with self._lock:
                self._asked -= 1

    # ------------------------------------------------ while the lock is held

    def _taken(self) -> Worker:
        self._free.wait_for(lambda: len(self._idle) == len(self._workers) or self._asked > FEW, self._patience_s)
        while self._idle:
            worker = self._idle.pop()
            self._resting.discard(worker)
            if worker.is_alive():
                return worker
            self._end(worker)
        worker = self._running().worker()
        self._workers.add(worker)
        return worker

    def _running(self) -> Nursery:
        if self._closed:
            raise OSError('they were closed')
        if self._nursery is not None and not self._nursery.is_alive():
            self._put_away()
        if self._nursery is None:
            self._nursery = Nursery(self._parse_document.__module__, self._limits.memory_bytes)
            self._rest_later()
        return self._nursery

    def _give_back(self, worker: Worker) -> None:
        if worker in self._workers and worker.asked < self._documents_per_worker:
            self._idle.append(worker)
        else:
            self._end(worker)
        self._free.notify()

    def _end(self, worker: Worker) -> int | None:
        """Its exit code; None where nobody is left to tell it."""
        worker.close()
        if self._nursery is None or worker not in self._workers:
            return None
        self._workers.remove(worker)
        return self._nursery.end(worker)

    def _put_away(self) -> None:
        """Whoever waits for a worker meets its end."""
        nursery, self._nursery = self._nursery, None
        for worker in self._workers:
            worker.kill()
        for worker in self._idle:
            worker.close()
        self._workers, self._idle, self._resting = set(), [], set()
        if nursery is not None:
            nursery.close()

    def _rest_later(self) -> None:
        self._timer.cancel()
        self._timer = threading.Timer(REST_S, self.rest)
        self._timer.daemon = True
        self._timer.start()


class _Died(Exception):
    """The worker; with its exit code."""


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
