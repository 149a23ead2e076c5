-- The import wizard: a file that was uploaded once, and what was chosen for it.

-- Belongs to who uploaded it, for a day; each step writes its own columns. `mapping`
-- and what follows it are empty until that step was done; a step that is done anew
-- empties what was found out by it.
CREATE TABLE staged_load (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(255) NOT NULL,                        -- the file's own name
  file VARCHAR(80) CHARACTER SET ascii NOT NULL,     -- below [web] exports_dir
  size BIGINT UNSIGNED NOT NULL,
  sheet VARCHAR(255) NULL,                           -- of a book that has several
  mapping TEXT NULL,                                 -- JSON object: column -> field
  target ENUM('new_list','list','campaign') NULL,
  list_id INT UNSIGNED NULL,                         -- of an existing list
  list_name VARCHAR(120) NOT NULL DEFAULT '',        -- of a new one
  list_description VARCHAR(255) NOT NULL DEFAULT '',
  check_job_id INT UNSIGNED NULL,                    -- load_job: counts what would be
  checked MEDIUMTEXT NULL,                           -- JSON: what would be, in counts
  load_job_id INT UNSIGNED NULL,                     -- load_job: loads it
  created_by VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY created_by (created_by, id),                   -- those that somebody left open
  KEY created_at (created_at)                        -- those that are a day old
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
