-- Saved texts, to be chosen where a message is written; they may have places (<name>).
CREATE TABLE template (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(120) NOT NULL,
  description VARCHAR(255) NOT NULL DEFAULT '',
  text TEXT NOT NULL,
  created_by VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  changed_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY name (name)  -- one of a name; pages and search in its order
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
