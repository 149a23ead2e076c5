-- Numbers that get nothing, and sent messages on their way to the call records.

CREATE TABLE blocked_number (
  number VARCHAR(16) CHARACTER SET ascii NOT NULL, -- E.164 with +
  campaign_id INT UNSIGNED NOT NULL DEFAULT 0,     -- 0 = for all of them
  source VARCHAR(16) CHARACTER SET ascii NOT NULL, -- manual, dont_call ...
  reason VARCHAR(160) NOT NULL DEFAULT '',
  created_by VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (number, campaign_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Written with the settling of a message while the setting is on, taken away when
-- the PBX's call records have it.
CREATE TABLE call_record_outbox (
  message_id BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (message_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
