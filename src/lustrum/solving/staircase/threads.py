"""Threads of the linear algebra, all in one pool; and memory that a process keeps.

numpy and scipy each bring a library with a pool of its own; two pools on the same cores wait for each other. The heavy
products and factors all go through scipy's, which gets the threads; numpy's works alone.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import scipy.linalg  # noqa: F401  its library has to be there to be told
from threadpoolctl import ThreadpoolController


@cache
def _pools() -> ThreadpoolController:
    """The libraries' pools: looking for them takes a twentieth of a second."""
    return ThreadpoolController().select(user_api="blas")


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Give scipy's linear algebra `count` threads while this lasts (0: as many as the environment allows it)."""
    blas = _pools()
    own = [c for c in blas.lib_controllers if "scipy.libs" in c.filepath] or blas.lib_controllers
    before = [c.num_threads for c in blas.lib_controllers]
    wanted = count or max(c.num_threads for c in own)
    try:
        for c in blas.lib_controllers:
            c.set_num_threads(wanted if any(c is o for o in own) else 1)
        yield
    finally:
        for c, n in zip(blas.lib_controllers, before, strict=True):
            c.set_num_threads(n)


def keep_memory() -> None:
    """Let this process keep what arrays give back, where the C library can be told: a worker that hands the same sizes
    back and takes them again spends a fifth of its time on fresh pages otherwise."""
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        for option in (-3, -1):  # from which size on arrays get pages of their own; how much free memory may stay
            library.mallopt(option, 1 << 30)
