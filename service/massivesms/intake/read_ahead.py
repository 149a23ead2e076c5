"""Reading ahead: rows are judged in a thread while the database stores the last ones.

What reads never touches the database's transaction: that belongs to one thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

#: Batches that are read before they are wanted. With one only, the reader would be
#: done while we build the statement, and idle while the database works.
AHEAD = 4


def read_ahead(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Batches of up to `size` items; the next ones are read while one is used.

    Raises what reading raises.
    """
    iterator = iter(items)

    def next_batch() -> list[T]:
        return list(islice(iterator, size))

    pool = ThreadPoolExecutor(1, "read ahead")
    try:
        coming = deque(pool.submit(next_batch) for _ in range(AHEAD))
        while batch := coming.popleft().result():
            coming.append(pool.submit(next_batch))
            yield batch
    finally:
        pool.shutdown(cancel_futures=True)
