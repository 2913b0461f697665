"""How compiled loops are made and run: cached on disk, on Python threads.

Kernels that call each other live in one file: the cache looks at the date of a kernel's own file only, and
would go on running an old version of what it calls in another.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

SINGLE = 50_000
"""Up to so many rows, starting threads costs more than they save."""
_PARTS_PER_THREAD = 8


def kernel(function: F) -> F:
    """The function compiled, without the interpreter's lock, never parallel inside.

    Compiled code is kept where ``NUMBA_CACHE_DIR`` says, else beside the source, else in the user's cache
    folder; where none of these can be written, each process compiles for itself. Whoever can write there can
    have code run: `api.compiled_code` sees to it that nobody else can.
    """
    return _compiled(function)


def lean_kernel(function: F) -> F:
    """As `kernel`, for functions that only read and write elements of the arrays that they are given.

    They count no references to arrays, which takes several times longer than finding a cell does.
    """
    return _compiled(function, _nrt=False)


def _compiled(function: F, **options: Any) -> F:
    compiler = cast(Any, numba.njit)  # its types know not all options
    options |= {"nogil": True, "error_model": "numpy"}
    try:
        compiled = compiler(cache=True, **options)(function)
    except RuntimeError:  # no folder to keep it in
        compiled = compiler(**options)(function)
    return cast(F, compiled)


def in_parts(
    work: Callable[[slice], T], rows: int, *, single: int = SINGLE, size: int | None = None
) -> list[T]:
    """What ``work`` returns for each part of ``range(rows)``, in order; on threads beyond `single` rows.

    There is one part where no threads are used, also of no rows. Parts have at most `size` rows; without it
    there are a few for each thread.
    """
    threads: int = cast(Any, numba.config).NUMBA_NUM_THREADS
    if rows <= single or threads == 1:
        return [work(slice(0, rows))]
    size = min(size or rows, -(-rows // (threads * (1 if size else _PARTS_PER_THREAD))))
    parts = [slice(start, min(start + size, rows)) for start in range(0, rows, size)]
    # A pool for each call: one that is kept would be without threads in a forked child.
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, parts))
