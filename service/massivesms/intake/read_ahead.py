"""Reading ahead: rows are judged in a thread while the database stores the last ones.

What reads never touches the database's transaction: that belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def read_ahead(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Batches of up to `size` items; the next one is read while one is used.

    Raises what reading raises.
    """
    iterator = iter(items)

    def next_batch() -> list[T]:
        return list(islice(iterator, size))

    with ThreadPoolExecutor(1, "read ahead") as pool:
        coming = pool.submit(next_batch)
        while batch := coming.result():
            coming = pool.submit(next_batch)
            yield batch
