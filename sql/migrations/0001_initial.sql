-- The first schema. MariaDB 10.3+ / MySQL 5.7+; every time is UTC.
-- Each index says which query it serves.

-- Settings of the whole product: name -> value (store/settings.py).
CREATE TABLE setting (
  name VARCHAR(64) CHARACTER SET ascii NOT NULL,
  value TEXT NOT NULL,
  changed_at DATETIME(3) NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What a user may do: a comma-separated set of permissions, one per page.
CREATE TABLE role (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(64) NOT NULL,
  permissions VARCHAR(255) CHARACTER SET ascii NOT NULL,
  built_in TINYINT(1) NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO role (name, permissions, built_in) VALUES
  ('administrator', 'send,campaigns,lists,trunks,configuration,users', 1),
  ('supervisor', 'send,campaigns,lists,trunks', 0),
  ('operator', 'send,campaigns,lists', 0);

CREATE TABLE user (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(64) NOT NULL,
  role_id INT UNSIGNED NOT NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii NOT NULL, -- argon2id
  active TINYINT(1) NOT NULL DEFAULT 1,
  language VARCHAR(8) CHARACTER SET ascii NOT NULL DEFAULT '', -- '' = the browser's
  created_at DATETIME(3) NOT NULL,
  signed_in_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY name (name),
  KEY role (role_id),
  CONSTRAINT user_role FOREIGN KEY (role_id) REFERENCES role (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Signed-in browsers. Only a hash of the cookie's token is kept.
CREATE TABLE web_session (
  token_hash BINARY(32) NOT NULL,
  user_id INT UNSIGNED NULL,
  data TEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  PRIMARY KEY (token_hash),
  KEY user (user_id),       -- end all sessions of a user
  KEY expires (expires_at)  -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Failed tries to sign in, for the rate limit; seen by every web worker.
CREATE TABLE sign_in_attempt (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  user_name VARCHAR(64) NOT NULL,
  address VARCHAR(45) CHARACTER SET ascii NOT NULL,
  at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY user_name (user_name, at), -- tries for one name
  KEY address (address, at),     -- tries from one address
  KEY at (at)                    -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Who changed what. Never texts of messages, never secrets.
CREATE TABLE audit (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  at DATETIME(3) NOT NULL,
  user_name VARCHAR(64) NOT NULL,
  address VARCHAR(45) CHARACTER SET ascii NOT NULL DEFAULT '',
  action VARCHAR(48) CHARACTER SET ascii NOT NULL,  -- e.g. campaign.stop
  subject VARCHAR(160) NOT NULL,                    -- e.g. the campaign's name
  details TEXT NOT NULL,                            -- JSON object
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A configured way out. `revision` goes up with each change, so that the
-- service reopens the session; `stopped_code` is set by the service when only a
-- person can help (wrong password, no credit) and cleared by enabling.
CREATE TABLE trunk (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(80) NOT NULL,
  kind VARCHAR(16) CHARACTER SET ascii NOT NULL,
  active TINYINT(1) NOT NULL DEFAULT 1,
  priority SMALLINT UNSIGNED NOT NULL DEFAULT 1, -- 1 is the best
  sender_id VARCHAR(20) NOT NULL DEFAULT '',
  append_country_code TINYINT(1) NOT NULL DEFAULT 0,
  rate_per_s DECIMAL(9,3) NULL,                  -- segments; NULL = no limit
  settings TEXT NOT NULL,                        -- JSON object, no secrets
  secrets BLOB NULL,                             -- encrypted JSON object
  revision INT UNSIGNED NOT NULL DEFAULT 1,
  stopped_code VARCHAR(48) CHARACTER SET ascii NULL,
  stopped_detail VARCHAR(255) NULL,
  stopped_at DATETIME(3) NULL,
  removed TINYINT(1) NOT NULL DEFAULT 0,         -- kept for its old messages
  created_at DATETIME(3) NOT NULL,
  changed_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One bind (slot) of a trunk, leased to the service that drives it. `token`
-- fences claims: a row of message in state submitting carries its owner's.
CREATE TABLE trunk_session (
  trunk_id INT UNSIGNED NOT NULL,
  slot SMALLINT UNSIGNED NOT NULL,
  owner VARCHAR(96) CHARACTER SET ascii NOT NULL DEFAULT '',
  token BIGINT UNSIGNED NOT NULL DEFAULT 0,
  heartbeat_at DATETIME(3) NULL,
  state ENUM('idle','connecting','ready','waiting','stopped') NOT NULL DEFAULT 'idle',
  reason_code VARCHAR(48) CHARACTER SET ascii NULL,
  reason_detail VARCHAR(255) NULL,
  since DATETIME(3) NULL,
  error_code VARCHAR(48) CHARACTER SET ascii NULL, -- the last error, kept when ready again
  error_detail VARCHAR(255) NULL,
  error_at DATETIME(3) NULL,
  PRIMARY KEY (trunk_id, slot)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A person asks the service to try a trunk; the service writes what came back.
CREATE TABLE trunk_test (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  trunk_id INT UNSIGNED NOT NULL,
  state ENUM('waiting','running','done') NOT NULL DEFAULT 'waiting',
  passed TINYINT(1) NULL,
  steps TEXT NULL,                               -- JSON: [[code, detail], ...]
  requested_by VARCHAR(64) NOT NULL,
  requested_at DATETIME(3) NOT NULL,
  finished_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  KEY waiting (state, id),        -- the service takes the next one
  KEY trunk (trunk_id, id)        -- the trunk's page shows the last one
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Running services, alive while heartbeat_at is young.
CREATE TABLE service_instance (
  owner VARCHAR(96) CHARACTER SET ascii NOT NULL,
  host VARCHAR(255) NOT NULL,
  pid INT UNSIGNED NOT NULL,
  version VARCHAR(32) CHARACTER SET ascii NOT NULL,
  started_at DATETIME(3) NOT NULL,
  heartbeat_at DATETIME(3) NOT NULL,
  PRIMARY KEY (owner)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A reusable set of contacts. The two counts are kept by every change of its
-- contacts, in the same transaction.
CREATE TABLE list (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(120) NOT NULL,
  description VARCHAR(255) NOT NULL DEFAULT '',
  included INT NOT NULL DEFAULT 0,
  excluded INT NOT NULL DEFAULT 0,
  created_by VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE contact (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  list_id INT UNSIGNED NOT NULL,
  number VARCHAR(16) CHARACTER SET ascii NOT NULL, -- E.164 with +
  is_local TINYINT(1) NOT NULL,      -- was written without a country code
  excluded TINYINT(1) NOT NULL DEFAULT 0,
  fields TEXT NULL,                  -- JSON object of further columns
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY list_number (list_id, number), -- duplicates once; filter by number
  KEY list_page (list_id, excluded, id),    -- page by key; list into campaign
  KEY number (number)                       -- search across lists
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One load of a file, of call records or of a list, with a verdict per row.
CREATE TABLE import (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  kind ENUM('file','call_records','list','manual') NOT NULL,
  list_id INT UNSIGNED NULL,
  campaign_id INT UNSIGNED NULL,
  source VARCHAR(255) NOT NULL DEFAULT '', -- the file's name
  accepted INT UNSIGNED NOT NULL DEFAULT 0,
  duplicates INT UNSIGNED NOT NULL DEFAULT 0,
  refused INT UNSIGNED NOT NULL DEFAULT 0,
  created_by VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY list (list_id, id),
  KEY campaign (campaign_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The rows of an import that were not taken, each with its reason.
CREATE TABLE import_problem (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  import_id INT UNSIGNED NOT NULL,
  line INT UNSIGNED NOT NULL,
  number VARCHAR(255) NOT NULL,            -- as it stood in the file
  row_text TEXT NULL,                      -- the row's own message
  code VARCHAR(48) CHARACTER SET ascii NOT NULL,
  params TEXT NOT NULL,                    -- JSON object
  PRIMARY KEY (id),
  KEY import_line (import_id, line, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One text x recipients x schedule. Campaign 1 is the output queue.
-- `open` = it may hold messages that are queued or submitting (or is the
-- output queue); the service closes it when none is left.
CREATE TABLE campaign (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  kind ENUM('campaign','output_queue') NOT NULL DEFAULT 'campaign',
  name VARCHAR(120) NOT NULL,
  text TEXT NOT NULL,
  sender_id VARCHAR(20) NOT NULL DEFAULT '', -- '' = the trunk's
  trunk_id INT UNSIGNED NULL,                -- NULL = by priority
  list_id INT UNSIGNED NULL,                 -- where its recipients came from
  start_at DATETIME NULL,
  hours_from TIME NULL,                      -- local, in the configured zone
  hours_to TIME NULL,                        -- before hours_from = over midnight
  priority TINYINT UNSIGNED NOT NULL DEFAULT 5, -- 0 is the best
  paused TINYINT(1) NOT NULL DEFAULT 1,
  open TINYINT(1) NOT NULL DEFAULT 1,
  removed TINYINT(1) NOT NULL DEFAULT 0,     -- the service deletes its messages
  created_by VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  changed_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY name (name),
  KEY open_work (open, paused, priority), -- what the service may claim from
  KEY removed (removed)                   -- what it must delete
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO campaign (id, kind, name, text, priority, paused, open, created_by,
                      created_at, changed_at)
VALUES (1, 'output_queue', 'Cola de salida', '', 0, 0, 1, 'massivesms',
        UTC_TIMESTAMP(3), UTC_TIMESTAMP(3));

-- How many messages of a campaign are in each state, kept by every transaction
-- that changes a state. Sharded by trunk (0 = none) so that trunks do not wait
-- for one another; a shard may be negative, the sum over trunks is right.
CREATE TABLE campaign_count (
  campaign_id INT UNSIGNED NOT NULL,
  state ENUM('queued','submitting','submitted','delivered','undelivered','expired',
             'rejected','skipped','cancelled','failed','in_doubt') NOT NULL,
  trunk_id INT UNSIGNED NOT NULL,
  messages INT NOT NULL,
  segments BIGINT NOT NULL,
  PRIMARY KEY (campaign_id, state, trunk_id),
  KEY trunk (trunk_id)                    -- has this trunk any history?
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One text to one number.
--   queued       waits; due_at in the future = not before then
--   submitting   claimed: may be on the wire; only its claim_token's owner acts
--   submitted    the trunk accepted it
--   delivered / undelivered / expired   what the receipt said
--   rejected     refused for good
--   failed       could not be sent by any trunk
--   in_doubt     left us, no answer: a person or a receipt decides
--   skipped / cancelled   never left
CREATE TABLE message (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  campaign_id INT UNSIGNED NOT NULL,
  state ENUM('queued','submitting','submitted','delivered','undelivered','expired',
             'rejected','skipped','cancelled','failed','in_doubt')
        NOT NULL DEFAULT 'queued',
  route_trunk_id INT UNSIGNED NOT NULL DEFAULT 0, -- only this trunk; 0 = any
  lane TINYINT UNSIGNED NOT NULL DEFAULT 2,       -- 0 express, 1 again, 2 normal
  due_at DATETIME(3) NOT NULL DEFAULT '2000-01-01 00:00:00',
  pinned TINYINT(1) NOT NULL DEFAULT 0,           -- the route is a person's wish
  number VARCHAR(16) CHARACTER SET ascii NOT NULL,
  is_local TINYINT(1) NOT NULL DEFAULT 0,
  text TEXT NULL,                                 -- NULL = the campaign's
  sender_id VARCHAR(20) NULL,                     -- NULL = the campaign's
  segments TINYINT UNSIGNED NOT NULL,
  trunk_id INT UNSIGNED NULL,                     -- has it or had it last
  tried_trunks VARCHAR(120) CHARACTER SET ascii NOT NULL DEFAULT '',
  attempts TINYINT UNSIGNED NOT NULL DEFAULT 0,   -- on the present trunk
  claim_token BIGINT UNSIGNED NULL,
  import_id INT UNSIGNED NULL,
  created_at DATETIME(3) NOT NULL,
  claimed_at DATETIME(3) NULL,
  submitted_at DATETIME(3) NULL,
  settled_at DATETIME(3) NULL,
  result_code VARCHAR(48) CHARACTER SET ascii NULL,
  result_detail VARCHAR(255) NULL,
  smsc_message_id VARCHAR(65) COLLATE utf8mb4_bin NULL,               -- of the only segment
  PRIMARY KEY (id),
  KEY claim (campaign_id, state, route_trunk_id, lane, due_at, id),
  KEY campaign_page (campaign_id, id),
  KEY campaign_number (campaign_id, number),
  KEY number (number, id),
  KEY smsc_message_id (smsc_message_id, trunk_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The accepted segments of a message of more than one: for their receipts, and
-- so that after a partial failure only what is missing is sent.
CREATE TABLE segment (
  message_id BIGINT UNSIGNED NOT NULL,
  position TINYINT UNSIGNED NOT NULL,             -- from 1
  trunk_id INT UNSIGNED NOT NULL,
  smsc_message_id VARCHAR(65) COLLATE utf8mb4_bin NOT NULL,
  state ENUM('submitted','delivered','undelivered','expired','rejected')
        NOT NULL DEFAULT 'submitted',
  PRIMARY KEY (message_id, position),
  KEY smsc_message_id (smsc_message_id, trunk_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Delivery receipts that have not met their message yet (they may come before
-- the answer to the submission). Met ones are in the message's state.
CREATE TABLE receipt (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  trunk_id INT UNSIGNED NOT NULL,
  smsc_message_id VARCHAR(65) COLLATE utf8mb4_bin NOT NULL,
  state ENUM('submitted','delivered','undelivered','expired','rejected') NOT NULL,
  error VARCHAR(16) CHARACTER SET ascii NOT NULL DEFAULT '',
  received_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY smsc_message_id (smsc_message_id, trunk_id),
  KEY received (received_at)                      -- purge after 72 h
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
