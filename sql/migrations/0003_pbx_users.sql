-- Users of the PBX, who sign in through its menu.

-- The same name may be a user of ours and one of the PBX: they are two people.
-- One of the PBX has no password here, and the role that its groups give:
-- NULL = none, so that nothing opens.
ALTER TABLE user
  ADD COLUMN source ENUM('own','issabel','freepbx') NOT NULL DEFAULT 'own' AFTER id,
  ADD COLUMN pbx_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
    NOT NULL DEFAULT '',                  -- its id there
  ADD COLUMN extension VARCHAR(20) CHARACTER SET ascii NOT NULL DEFAULT '',
  ADD COLUMN pbx_groups TEXT NULL,        -- JSON: what the PBX said at the last sign-in
  MODIFY role_id INT UNSIGNED NULL,
  DROP KEY name,
  ADD UNIQUE KEY name (source, name, pbx_id);

-- The PBX's groups, and the role that their members get; NULL = not let in.
-- Names with * are ours: domain/pbx_groups.py.
CREATE TABLE pbx_group (
  source ENUM('issabel','freepbx') NOT NULL,
  name VARCHAR(80) COLLATE utf8mb4_bin NOT NULL,
  role_id INT UNSIGNED NULL,
  seen_at DATETIME(3) NULL,          -- when somebody of it came last
  PRIMARY KEY (source, name),
  KEY role (role_id),
  CONSTRAINT pbx_group_role FOREIGN KEY (role_id) REFERENCES role (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What packaging/issabel/menu.xml makes in Issabel, and the administrators of both.
INSERT INTO pbx_group (source, name, role_id)
SELECT 'issabel', '*administrators', id FROM role WHERE name = 'administrator'
UNION ALL SELECT 'freepbx', '*administrators', id FROM role WHERE name = 'administrator'
UNION ALL SELECT 'issabel', '*privilege:supervisor', id FROM role WHERE name = 'supervisor'
UNION ALL SELECT 'issabel', 'sms_supervisor', id FROM role WHERE name = 'supervisor'
UNION ALL SELECT 'issabel', '*privilege:operator', id FROM role WHERE name = 'operator'
UNION ALL SELECT 'issabel', 'sms_operator', id FROM role WHERE name = 'operator';

INSERT INTO pbx_group (source, name) VALUES
  ('issabel', '*everybody'), ('freepbx', '*everybody');

-- Hand-overs that have been used: a second use is refused.
CREATE TABLE sso_nonce (
  nonce_hash BINARY(32) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  PRIMARY KEY (nonce_hash),
  KEY expires (expires_at)           -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
