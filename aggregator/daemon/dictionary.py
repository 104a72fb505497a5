"""The dictionary of pinyin in a process of its own, which is there while new labels come, and no longer.

In the daemon it would take 50 MB, and leave a tenth of them in holes between what came meanwhile and stayed.
"""

from __future__ import annotations

import json
import logging
import subprocess
import threading

from aggregator import interpreter
from aggregator.rules.slugs import syllables

_START = """
import json, os, sys
from contextlib import suppress
from aggregator.rules.slugs import syllables
with suppress(BrokenPipeError):  # who asked was killed
    for line in sys.stdin:
        os.write(1, json.dumps(syllables(json.loads(line))).encode() + b'\\n')
"""

_log = logging.getLogger('aggregator')


class Dictionary:
    """Gives what `syllables` gives. Safe from any thread."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = False  # since the last `rest`

    def syllables(self, text: str) -> str:
        """Where the process cannot be had, the dictionary is read here."""
        with self._turn:
            self._asked = True
            try:
                return self._answer(text)
            except (OSError, ValueError) as error:
                _log.warning('the dictionary of pinyin is read here: %s', error)
                self._end()
        return syllables(text)

    def rest(self) -> None:
        """Ends the process where nobody asked it since the last call."""
        with self._turn:
            if not self._asked:
                self._end()
            self._asked = False

    def close(self) -> None:
        with self._turn:
            self._end()

    def _answer(self, text: str) -> str:
        if self._process is None:
            self._process = _started()
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None and answers is not None  # noqa: PT018  # they are pipes
        asked.write(json.dumps(text).encode('ascii') + b'\n')
        asked.flush()
        return str(json.loads(answers.readline()))

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # every word is ours
        interpreter.command(_START),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,  # Ctrl-C is ours to answer
        env=interpreter.environment(),
    )
