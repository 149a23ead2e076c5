"""What is read of a source waits on disk; a full disk is no fault of the source."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from massivesms.automatic.spool import Spool
from massivesms.domain.numbers import NumberPlan
from massivesms.sources.found import SourceFailed
from massivesms.sources.reading import Cells
from massivesms.vault import NumberHash

PLAN = NumberPlan("34", ("6", "7"), 9, 9)


def cells(most: int) -> Iterator[Cells]:
    for n in range(most):
        yield Cells(n + 1, f"{600_000_000 + n}", None, {}, "")


@contextmanager
def room(octets: int) -> Iterator[None]:
    """No file of this process grows beyond so much: as a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("rows", [10, 100_000])
def test_a_full_disk_is_said_in_words(rows: int) -> None:
    with (
        room(100),
        pytest.raises(SourceFailed, match="no room") as caught,
        Spool(PLAN, "", NumberHash(lambda: b"key")) as spool,
    ):
        spool.take(cells(rows))
    assert caught.value.may_pass
