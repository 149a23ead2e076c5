-- Mail: the account, what was tried, incoming messages in mails, daily reports.

-- The account that mail leaves by; one row, id 1. The password is encrypted.
CREATE TABLE mail_account (
  id TINYINT UNSIGNED NOT NULL,
  settings TEXT NOT NULL,                    -- JSON: {key: text}
  secrets BLOB NULL,
  changed_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- How the account fares, for every service; one row, id 1. While it fails nobody
-- tries before next_try_at.
CREATE TABLE mail_state (
  id TINYINT UNSIGNED NOT NULL,
  tries INT UNSIGNED NOT NULL DEFAULT 0,           -- in vain, one after another
  failing_since DATETIME(3) NULL,                  -- NULL = it works
  next_try_at DATETIME(3) NULL,
  error_code VARCHAR(48) CHARACTER SET ascii NULL,
  error_detail VARCHAR(255) NULL,
  sent_at DATETIME(3) NULL,                        -- the last mail that left
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE mail
  ADD COLUMN attachment_name VARCHAR(80) NULL,
  ADD COLUMN attachment MEDIUMTEXT NULL,           -- CSV
  ADD COLUMN give_up_at DATETIME(3) NULL,          -- then it has failed
  ADD KEY kind (kind, created_at),                 -- how many in the last minute
  ADD KEY given_up (state, give_up_at),            -- those that have waited too long
  ADD KEY finished (state, finished_at);           -- purge

-- Which incoming messages a mail tells of. Its body is written when it is sent, so
-- that no number or text is kept in a second place.
CREATE TABLE mail_inbound (
  mail_id BIGINT UNSIGNED NOT NULL,
  inbound_id BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (mail_id, inbound_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Tests of the account that a person asks for and the service carries out.
CREATE TABLE mail_test (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  address VARCHAR(254) NOT NULL,
  state ENUM('waiting','running','done') NOT NULL DEFAULT 'waiting',
  passed TINYINT(1) NULL,
  steps TEXT NULL,                                 -- JSON: [[code, detail], ...]
  requested_by VARCHAR(64) NOT NULL,
  requested_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY waiting (state, id)                          -- the service takes the next one
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Days whose report is in the outbox, so that each has one.
CREATE TABLE daily_report (
  day DATE NOT NULL,
  made_at DATETIME(3) NOT NULL,
  PRIMARY KEY (day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
