"""Users of the PBX: who came by its menu, and which hand-overs have been used.

The PBX's own id and the name together are one person: when the PBX gives an id
to somebody else, or a name, that is another one here.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from . import users
from .db import Row, Transaction

KEEP_NONCES_S = 3600  # far longer than a hand-over holds, whoever's clock is wrong

BURN = """
INSERT IGNORE INTO sso_nonce (nonce_hash, expires_at)
VALUES (%(nonce_hash)s, UTC_TIMESTAMP(3) + INTERVAL %(seconds)s SECOND)"""


def burn(tx: Transaction, nonce_hash: bytes) -> bool:
    """Uses a hand-over up; False when it was used before.

    Of two at the same moment the second waits here until the first has ended.
    """
    values = {"nonce_hash": nonce_hash, "seconds": KEEP_NONCES_S}
    return tx.execute(BURN, values) == 1


PURGE = "DELETE FROM sso_nonce WHERE expires_at < UTC_TIMESTAMP(3) LIMIT 1000"


def purge(tx: Transaction) -> None:
    """Forgets hand-overs that have expired long since."""
    tx.execute(PURGE)


SAVE = """
INSERT INTO user (source, name, pbx_id, extension, pbx_groups, role_id,
                  password_hash, created_at)
VALUES (%(source)s, %(name)s, %(pbx_id)s, %(extension)s, %(groups)s, %(role_id)s,
        '', UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE
  id = LAST_INSERT_ID(id), name = VALUES(name), extension = VALUES(extension),
  pbx_groups = VALUES(pbx_groups), role_id = VALUES(role_id)"""


def save(
    tx: Transaction,
    *,
    source: str,
    name: str,
    pbx_id: str,
    extension: str,
    groups: Collection[str],
    role_id: int | None,
) -> Row:
    """Notes what the PBX says of somebody; the user as it is now.

    Without a role all sessions of the user end.
    """
    values = {
        "source": source,
        "name": name,
        "pbx_id": pbx_id,
        "extension": extension,
        "groups": json.dumps(sorted(groups), ensure_ascii=False),
        "role_id": role_id,
    }
    user_id = tx.insert(SAVE, values)
    if role_id is None:
        users.end_sessions(tx, user_id)
    row = users.by_id(tx, user_id)
    assert row is not None
    return row
