"""Our side: the house stays open, and each line `FIRST LAST` of standard input is a round of those sources, published.

It answers with the CPU-ms that publishing took, and the outcomes.

python bench/ours.py FEEDS.YML DATA
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from aggregator.daemon import assembled, collect_rarely, now_utc, poll_now
from aggregator.publish import Memory, publish
from aggregator.settings import load_settings


def main(config: Path, data: Path) -> None:
    settings, memory = load_settings(config, data=data), Memory()
    collect_rarely()
    with assembled(settings, spacing=timedelta(0)) as house:
        for line in sys.stdin:
            first, last = map(int, line.split())
            sources = house.settings.sources[first:last]
            outcomes = Counter(report.outcome for report in poll_now(sources, house.tools, now_utc))
            before = time.process_time()
            publish(house.store, house.settings, house.folder, memory=memory)
            print((time.process_time() - before) * 1000, dict(outcomes), flush=True)


if __name__ == '__main__':
    main(Path(sys.argv[1]), Path(sys.argv[2]))
