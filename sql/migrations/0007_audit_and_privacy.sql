-- Finding changes, and numbers that were erased on request.
ALTER TABLE audit
  ADD KEY user_name (user_name, id),  -- what somebody did
  ADD KEY action (action, id),        -- where something was done
  ADD KEY at (at);                    -- from one day to another

-- A keyed hash of each number that was erased everywhere: it is never taken again.
CREATE TABLE erased_number (
  number_hash BINARY(32) NOT NULL,
  erased_by VARCHAR(64) NOT NULL,
  erased_at DATETIME(3) NOT NULL,
  PRIMARY KEY (number_hash),
  KEY erased_at (erased_at)           -- whether there is a new one
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- How far the service has come in purging what is kept no longer.
CREATE TABLE purge_progress (
  name VARCHAR(16) CHARACTER SET ascii NOT NULL,   -- message
  place BIGINT UNSIGNED NOT NULL DEFAULT 0,        -- the last id that was looked at
  stayed BIGINT UNSIGNED NULL,                     -- the first one that had to stay
  keep_days INT UNSIGNED NOT NULL,
  finished_at DATETIME(3) NULL,                    -- NULL = a pass is under way
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- When the text of a campaign was purged: '' also says that each message has its own.
ALTER TABLE campaign ADD COLUMN purged_at DATETIME(3) NULL;
