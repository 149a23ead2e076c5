-- How receipts write ids, receipts without a message, and what nobody understood.

-- The form of the ids in a trunk's receipts, found out by itself: `raw`, or notations
-- and lengths as domain/receipt_ids.py writes them. `rival` is another form that
-- receipts have shown since.
CREATE TABLE receipt_id_form (
  trunk_id INT UNSIGNED NOT NULL,
  form VARCHAR(16) CHARACTER SET ascii NOT NULL,
  receipts INT UNSIGNED NOT NULL,        -- that have shown it, counted up to 1000
  rival VARCHAR(16) CHARACTER SET ascii NOT NULL DEFAULT '',
  rival_receipts INT UNSIGNED NOT NULL DEFAULT 0,
  found_at DATETIME(3) NOT NULL,
  PRIMARY KEY (trunk_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A kept receipt is matched again twice, some seconds and some minutes later; NULL =
-- no more, only when its message settles.
ALTER TABLE receipt
  ADD COLUMN retry_at DATETIME(3) NULL,
  ADD KEY retry (retry_at),              -- the next ones to be matched again
  ADD KEY trunk (trunk_id, id);          -- the page of one trunk

-- The last things that a trunk received and nobody understood, as they came.
CREATE TABLE unreadable (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  trunk_id INT UNSIGNED NOT NULL,
  kind ENUM('receipt','message','pdu') NOT NULL,
  octets VARBINARY(512) NOT NULL,        -- the beginning of it
  length INT UNSIGNED NOT NULL,          -- of the whole
  received_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY trunk (trunk_id, id),              -- the page of one trunk; only the last stay
  KEY received (received_at)             -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- How many there were, of those that are no longer kept too.
CREATE TABLE unreadable_count (
  trunk_id INT UNSIGNED NOT NULL,
  kind ENUM('receipt','message','pdu') NOT NULL,
  total INT UNSIGNED NOT NULL,
  last_at DATETIME(3) NOT NULL,
  PRIMARY KEY (trunk_id, kind)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
