"""Memory that is computed in: kept by the process rather than given back and fetched again at every forward."""

from __future__ import annotations

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
"""Numbers of ``mallopt``: https://sourceware.org/glibc/manual/latest/html_node/Malloc-Tunable-Parameters.html"""
LARGE = 2**30
"""Bytes."""


def keep_freed_memory() -> None:
    """Have glibc keep what is freed, in one heap for all threads; other libraries of C have no such setting.

    Weights in 4 bit are unpacked into new memory at each forward. Given back in between, it is fetched page by page,
    which took a quarter of a forward (docs/log.md).
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option:
        for option, value in ((ARENA_MAX, 1), (MMAP_THRESHOLD, LARGE), (TRIM_THRESHOLD, LARGE)):
            set_option(option, value)
