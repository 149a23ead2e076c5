-- What came of messages, by minute and by reason; what comes in; mail.

-- What messages became, by minute: so many of a campaign came into that state then,
-- with ids from first_id to last_id. Kept with campaign_count, in the same
-- transactions. For charts over time, today's counts, and to find a day's messages.
CREATE TABLE traffic (
  minute DATETIME NOT NULL,
  campaign_id INT UNSIGNED NOT NULL,
  trunk_id INT UNSIGNED NOT NULL,            -- 0 = none
  state ENUM('submitted','delivered','undelivered','expired','rejected','skipped',
             'cancelled','failed','in_doubt') NOT NULL,
  messages INT UNSIGNED NOT NULL,
  segments INT UNSIGNED NOT NULL,
  first_id BIGINT UNSIGNED NULL,
  last_id BIGINT UNSIGNED NULL,
  PRIMARY KEY (minute, campaign_id, trunk_id, state), -- from one moment to another
  KEY campaign (campaign_id, minute)                  -- a campaign over time
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Why messages of a campaign ended badly. Such ends are final: it only grows.
-- `detail` is the error of a receipt, as the operator writes it.
CREATE TABLE campaign_result (
  campaign_id INT UNSIGNED NOT NULL,
  state ENUM('undelivered','expired','rejected','skipped','cancelled','failed')
        NOT NULL,
  result_code VARCHAR(48) CHARACTER SET ascii NOT NULL,
  detail VARCHAR(16) CHARACTER SET ascii NOT NULL,
  trunk_id INT UNSIGNED NOT NULL,            -- 0 = none
  messages INT UNSIGNED NOT NULL,
  segments BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (campaign_id, state, result_code, detail, trunk_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Messages from people, each whole. `number` is the sender in E.164, '' when it is
-- no number; `message_id` is the last message that was sent to it before.
CREATE TABLE inbound_message (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  trunk_id INT UNSIGNED NOT NULL,
  number VARCHAR(16) CHARACTER SET ascii NOT NULL,
  sender VARCHAR(32) NOT NULL,               -- as it came: short codes, names
  recipient VARCHAR(32) NOT NULL,            -- our number, as it came
  text TEXT NOT NULL,
  parts TINYINT UNSIGNED NOT NULL DEFAULT 1,
  incomplete TINYINT(1) NOT NULL DEFAULT 0,  -- parts of it never came
  message_id BIGINT UNSIGNED NULL,
  handled VARCHAR(24) CHARACTER SET ascii NOT NULL DEFAULT '', -- opt_out, keyword ...
  received_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY number (number, id),                   -- what came from a number
  KEY received (received_at)                 -- from one day to another; purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Mail on its way out. A service takes some for itself before it sends.
CREATE TABLE mail (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  kind VARCHAR(24) CHARACTER SET ascii NOT NULL,   -- inbound, report ...
  recipients VARCHAR(1000) NOT NULL,               -- separated by commas
  subject VARCHAR(255) NOT NULL,
  body MEDIUMTEXT NOT NULL,
  state ENUM('waiting','sent','failed') NOT NULL DEFAULT 'waiting',
  attempts SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  due_at DATETIME(3) NOT NULL,
  taken_by VARCHAR(96) CHARACTER SET ascii NOT NULL DEFAULT '',
  taken_at DATETIME(3) NULL,
  error_code VARCHAR(48) CHARACTER SET ascii NULL, -- of the last try
  error_detail VARCHAR(255) NULL,
  created_at DATETIME(3) NOT NULL,
  finished_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  KEY due (state, due_at, id)                      -- the next ones; the failed ones
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
