-- Loads that run in the background, with their progress.

-- A load first gathers its numbers (in load_number), which gives `accepted` and
-- `refused`; what is asked to be saved is then saved in one transaction, which
-- gives `import_id`. The others stay counted until somebody saves them.
CREATE TABLE load_job (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  kind VARCHAR(16) CHARACTER SET ascii NOT NULL,   -- call_records ...
  params TEXT NOT NULL,                            -- JSON object
  state ENUM('waiting','running','done','failed','cancelled') NOT NULL DEFAULT 'waiting',
  saving TINYINT(1) NOT NULL DEFAULT 0,            -- whether it is to be saved
  attempts TINYINT UNSIGNED NOT NULL DEFAULT 0,    -- how often it was taken up
  done INT UNSIGNED NOT NULL DEFAULT 0,            -- steps, such as windows of dates
  total INT UNSIGNED NOT NULL DEFAULT 0,
  found INT UNSIGNED NOT NULL DEFAULT 0,           -- different numbers until now
  accepted INT UNSIGNED NULL,                      -- of them mobiles, once counted
  refused INT UNSIGNED NULL,
  list_id INT UNSIGNED NULL,                       -- into which; NULL = a new one
  import_id INT UNSIGNED NULL,                     -- once saved
  problem TEXT NULL,                               -- JSON: why it failed
  owner VARCHAR(96) CHARACTER SET ascii NOT NULL DEFAULT '',
  heartbeat_at DATETIME(3) NULL,
  created_by VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  finished_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  KEY state (state, id)                            -- the next one; the running ones
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The numbers of a load as they were written, until it is saved or a day old.
CREATE TABLE load_number (
  job_id INT UNSIGNED NOT NULL,
  line INT UNSIGNED NOT NULL,
  number VARCHAR(80) NOT NULL,
  PRIMARY KEY (job_id, line)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
