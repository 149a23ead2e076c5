-- Numbers that get nothing, and sent messages on their way to the call records.

CREATE TABLE blocked_number (
  number VARCHAR(16) CHARACTER SET ascii NOT NULL, -- E.164 with +
  campaign_id INT UNSIGNED NOT NULL DEFAULT 0,     -- 0 = for all of them
  source VARCHAR(16) CHARACTER SET ascii NOT NULL, -- manual, dont_call ...
  reason VARCHAR(160) NOT NULL DEFAULT '',
  created_by VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (number, campaign_id),               -- each candidate of a claim
  KEY page (campaign_id, number)                   -- page by key, filter by number
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One row: how many rows blocked_number has. A claim holds it shared and who blocks
-- holds it alone: once a block is committed, no claim goes by what was before. While
-- it is 0, claims look nothing up.
CREATE TABLE blocked_total (
  id TINYINT UNSIGNED NOT NULL,
  numbers INT NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO blocked_total (id, numbers) VALUES (1, 0);

-- Who wrote a single message; NULL = its campaign's.
ALTER TABLE message
  ADD COLUMN created_by VARCHAR(64) NULL AFTER import_id;

-- Written with the settling of a message while the setting is on, taken away when
-- the PBX's call records have it. A service takes some for itself before it writes.
CREATE TABLE call_record_outbox (
  message_id BIGINT UNSIGNED NOT NULL,
  taken_by VARCHAR(96) CHARACTER SET ascii NOT NULL DEFAULT '',
  taken_at DATETIME(3) NULL,
  PRIMARY KEY (message_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
