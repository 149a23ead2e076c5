-- Loads that run in the background, with their progress.
CREATE TABLE load_job (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  kind VARCHAR(16) CHARACTER SET ascii NOT NULL,   -- call_records ...
  params TEXT NOT NULL,                            -- JSON object
  state ENUM('waiting','running','done','failed','cancelled') NOT NULL DEFAULT 'waiting',
  done INT UNSIGNED NOT NULL DEFAULT 0,            -- steps, such as windows of dates
  total INT UNSIGNED NOT NULL DEFAULT 0,
  found INT UNSIGNED NOT NULL DEFAULT 0,           -- different numbers until now
  list_id INT UNSIGNED NULL,
  import_id INT UNSIGNED NULL,
  problem TEXT NULL,                               -- JSON: why it failed
  owner VARCHAR(96) CHARACTER SET ascii NOT NULL DEFAULT '',
  heartbeat_at DATETIME(3) NULL,
  created_by VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  finished_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  KEY state (state, id)                            -- the next one; the running ones
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
