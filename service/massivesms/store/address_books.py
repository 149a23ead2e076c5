"""The address book of the PBX that this is a plug-in of, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence

from ..config import PbxSettings
from ..domain.address_books import MOST_HITS, Contact, Reader, Search
from . import address_book_freepbx, address_book_issabel
from .db import Database, Row


def is_there(pbx: PbxSettings) -> bool:
    """Whether there is an address book to look into."""
    return pbx.kind in ("issabel", "freepbx")


def reader_of(user: Row, pbx: PbxSettings) -> Reader:
    """A user as the PBX knows them; our own users are strangers to it."""
    return Reader(user["pbx_id"] if user["source"] == pbx.kind else "")


def find(
    db: Database, pbx: PbxSettings, search: Search, reader: Reader
) -> Sequence[Contact]:
    """Up to MOST_HITS contacts that the reader may see.

    Raises StoreError when the book cannot be read.
    """
    if pbx.kind == "issabel":
        return address_book_issabel.find(pbx.address_book, search, reader, MOST_HITS)
    with db.transaction() as tx:
        return address_book_freepbx.find(tx, pbx.database, search, reader, MOST_HITS)
