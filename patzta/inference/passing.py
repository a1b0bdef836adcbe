"""Threads that compute and are gone afterwards.

While two threads live that have computed on all cores, OpenMP counts more threads than cores and lets them sleep
between any two products, which makes short ones half as slow again (docs/log.md). So what computes beside the batcher,
such as loading, does so in passing.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def in_passing(work: Callable[P, T], *args: P.args, **options: P.kwargs) -> Future[T]:
    """Begin ``work`` in a thread that ends with it."""
    pool = ThreadPoolExecutor(1, "passing")
    future = pool.submit(work, *args, **options)
    pool.shutdown(wait=False)
    return future
