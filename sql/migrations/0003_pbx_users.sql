-- Users of the PBX, who sign in through its menu.

-- The same name may be a user of ours and one of the PBX: they are two people.
-- One of the PBX has no password here.
ALTER TABLE user
  ADD COLUMN source ENUM('own','issabel','freepbx') NOT NULL DEFAULT 'own' AFTER id,
  ADD COLUMN pbx_id VARCHAR(64) CHARACTER SET ascii NOT NULL DEFAULT '', -- its id there
  ADD COLUMN extension VARCHAR(20) CHARACTER SET ascii NOT NULL DEFAULT '',
  DROP KEY name,
  ADD UNIQUE KEY name (source, name);

-- The PBX's groups, and the role that their members get; NULL = not let in.
CREATE TABLE pbx_group (
  source ENUM('issabel','freepbx') NOT NULL,
  name VARCHAR(64) NOT NULL,
  role_id INT UNSIGNED NULL,
  seen_at DATETIME(3) NULL,          -- when somebody of it came last
  PRIMARY KEY (source, name),
  KEY role (role_id),
  CONSTRAINT pbx_group_role FOREIGN KEY (role_id) REFERENCES role (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Hand-overs that have been used: a second use is refused.
CREATE TABLE sso_nonce (
  nonce_hash BINARY(32) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  PRIMARY KEY (nonce_hash),
  KEY expires (expires_at)           -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
