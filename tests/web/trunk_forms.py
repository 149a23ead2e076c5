"""The form of an SMPP trunk as a person fills it in, and what is stored of it."""

from __future__ import annotations

from massivesms.store import trunks
from massivesms.store.db import Database, Row

SMPP = {
    "name": "Operador",
    "host": "smpp.example",
    "port": "2775",
    "system_id": "pbx",
    "password": "s3cret",
    "priority": "2",
    "sender_id": "MiEmpresa",
    "rate_per_s": "12,5",
    "append_country_code": "y",
    "receipts": "y",
}


def stored(db: Database, name: str = "Operador") -> Row:
    with db.transaction() as tx:
        return trunks.by_name(tx, name)
