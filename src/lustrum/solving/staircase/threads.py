"""Threads of the linear algebra: all in one pool.

numpy and scipy each bring a library with a pool of its own; two pools on the same cores wait for each other. The heavy
products and factors all go through scipy's, which gets the threads; numpy's works alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import scipy.linalg  # noqa: F401  its library has to be there to be told
from threadpoolctl import ThreadpoolController


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Give scipy's linear algebra `count` threads while this lasts (0: as many as the environment allows it)."""
    pools = ThreadpoolController()
    blas = pools.select(user_api="blas")
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
