-- Automatic loads: sources, their runs, and what of them was loaded already.

ALTER TABLE import MODIFY kind
  ENUM('file','call_records','list','manual','blocked','automatic','api','bulk') NOT NULL;

-- Where rows come from, what is made of them, and when (domain/sources.py). `place` is
-- the path of a file or directory, or an address; `secrets` hold the password and own
-- headers, encrypted. `days` are digits, 0 is Monday; before `first_day` it does not
-- run by itself.
CREATE TABLE source (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(80) NOT NULL,
  kind ENUM('mysql','postgresql','sqlite','folder','url') NOT NULL,
  place VARCHAR(1000) NOT NULL DEFAULT '',
  host VARCHAR(255) CHARACTER SET ascii NOT NULL DEFAULT '',
  port SMALLINT UNSIGNED NULL,                 -- NULL = the usual one
  user_name VARCHAR(120) NOT NULL DEFAULT '',
  database_name VARCHAR(120) NOT NULL DEFAULT '',
  tls TINYINT(1) NOT NULL DEFAULT 0,
  secrets BLOB NOT NULL,
  query TEXT NOT NULL,
  number_column VARCHAR(80) NOT NULL DEFAULT '', -- '' = found by its title
  key_column VARCHAR(80) NOT NULL DEFAULT '',    -- '' = the number
  text TEXT NOT NULL,                            -- '' = each row brings its own
  active TINYINT(1) NOT NULL DEFAULT 1,
  run_at TIME NOT NULL,                          -- local
  days VARCHAR(7) CHARACTER SET ascii NOT NULL,
  first_day DATE NOT NULL,
  most_rows INT UNSIGNED NOT NULL,
  timeout_s SMALLINT UNSIGNED NOT NULL,
  campaign VARCHAR(80) NOT NULL DEFAULT '',      -- '' = the source's name
  trunk_id INT UNSIGNED NULL,
  sender_id VARCHAR(20) NOT NULL DEFAULT '',
  hours_from TIME NULL,
  hours_to TIME NULL,
  paused TINYINT(1) NOT NULL DEFAULT 0,
  mail_to VARCHAR(1000) NOT NULL DEFAULT '',
  created_at DATETIME(3) NOT NULL,
  changed_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One run of a source for a day: by itself (`daily_on` is that day, so that there is
-- one whoever begins it) or because a person wants it. A service that has it says so
-- in `alive_at`; what it loads and its end are one transaction.
CREATE TABLE source_run (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  source_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,                           -- :date
  send_on DATE NOT NULL,
  daily_on DATE NULL,
  state ENUM('waiting','running','done','nothing','failed') NOT NULL DEFAULT 'waiting',
  tries TINYINT UNSIGNED NOT NULL DEFAULT 0,
  due_at DATETIME(3) NULL,                     -- when it is tried (again); NULL = never
  owner VARCHAR(96) CHARACTER SET ascii NOT NULL DEFAULT '',
  alive_at DATETIME(3) NULL,
  import_id INT UNSIGNED NULL,
  campaign_id INT UNSIGNED NULL,
  rows_read INT UNSIGNED NOT NULL DEFAULT 0,
  accepted INT UNSIGNED NOT NULL DEFAULT 0,
  duplicates INT UNSIGNED NOT NULL DEFAULT 0,
  refused INT UNSIGNED NOT NULL DEFAULT 0,
  problem TEXT NULL,                           -- JSON: code, template, params
  started_by VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  finished_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY daily (source_id, daily_on),
  KEY history (source_id, id),                 -- the page of a source
  KEY due (due_at),                            -- the next one
  KEY state (state, alive_at)                  -- those whose service has died
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Rows that were loaded, so that none is a second time for the same day.
CREATE TABLE source_key (
  source_id INT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  row_key BINARY(16) NOT NULL,                 -- a hash
  PRIMARY KEY (source_id, day, row_key),
  KEY day (day)                                -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Files that were loaded, until they are out of the way and a year after.
CREATE TABLE source_file (
  source_id INT UNSIGNED NOT NULL,
  digest BINARY(32) NOT NULL,                  -- of its contents and its time
  loaded_at DATETIME(3) NOT NULL,
  PRIMARY KEY (source_id, digest),
  KEY loaded_at (loaded_at)                    -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
