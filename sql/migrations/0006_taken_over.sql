-- What came from the original module's database: taking over again adds only news.
CREATE TABLE taken_over (
  kind VARCHAR(24) CHARACTER SET ascii NOT NULL,   -- list, trunk, campaign ...
  source_key VARCHAR(190) NOT NULL,                -- database:id there
  target_id BIGINT UNSIGNED NOT NULL,
  through_id BIGINT UNSIGNED NOT NULL DEFAULT 0,   -- its rows up to this id are here
  taken_at DATETIME(3) NOT NULL,
  PRIMARY KEY (kind, source_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
