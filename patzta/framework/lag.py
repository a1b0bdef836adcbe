"""How late the event loop runs: what a user would feel as sluggishness of everything."""

from __future__ import annotations

import asyncio
import time
from collections import deque

EVERY = 0.25
"""Seconds between two samples."""
KEPT = 240
"""Samples: one minute."""


class LoopLag:
    """Measures while ``run`` runs."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=KEPT)

    async def run(self) -> None:
        """Never ends."""
        while True:
            start = time.perf_counter()
            await asyncio.sleep(EVERY)
            self._samples.append((time.perf_counter() - start - EVERY) * 1000)

    def percentile(self, share: float) -> float:
        """Milliseconds below which that share of the last minute's samples lies; 0 without samples."""
        ordered = sorted(self._samples)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
