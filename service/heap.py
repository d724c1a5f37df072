"""How the C library's allocator keeps memory, for the whole process."""

import ctypes
import os

MAPPED_FROM = 1024 * 1024
"""Blocks from this size on, in bytes, are mapped, and go back to the system as soon as they are freed."""
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # glibc's malloc.h


def return_freed_memory() -> None:
    """Give the memory of decoded images back to the system; without effect on a C library other than glibc.

    Left alone, glibc raises the size from which it maps blocks to up to 32 MiB as soon as such blocks are freed, and
    keeps a heap for each thread (mallopt(3)): what one large picture took then stays with the process in several
    heaps, and the resident memory of a service grows with the oddest files that it was ever sent.
    """
    if os.name != "posix":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, MAPPED_FROM)
        mallopt(_M_ARENA_MAX, 1)
