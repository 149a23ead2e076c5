-- Incoming messages: those that cannot be read, parts of long ones, repetitions.

ALTER TABLE inbound_message
  MODIFY text MEDIUMTEXT NOT NULL,           -- 255 parts
  ADD COLUMN unreadable TINYINT(1) NOT NULL DEFAULT 0 AFTER incomplete, -- text is hex
  ADD KEY sender (sender, id);               -- what came from a name, a short code

-- A long message of which parts are still to come. Whoever has a part of it holds
-- this row until the commit, so that two connections cannot both miss the last one.
CREATE TABLE inbound_long (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  trunk_id INT UNSIGNED NOT NULL,            -- of its first part
  sender VARCHAR(32) COLLATE utf8mb4_bin NOT NULL,
  recipient VARCHAR(32) COLLATE utf8mb4_bin NOT NULL,
  reference VARCHAR(12) CHARACTER SET ascii NOT NULL, -- udh8:17, udh16:4660, sar:9
  total TINYINT UNSIGNED NOT NULL,
  number VARCHAR(16) CHARACTER SET ascii NOT NULL,    -- the sender in E.164, or ''
  last_at DATETIME(3) NOT NULL,              -- when its latest part came
  PRIMARY KEY (id),
  UNIQUE KEY place (sender, recipient, reference, total), -- each part
  KEY last_at (last_at),                     -- those that wait in vain
  KEY number (number)                        -- erasing a number
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE inbound_part (
  long_id BIGINT UNSIGNED NOT NULL,
  ordinal TINYINT UNSIGNED NOT NULL,         -- from 1
  coding VARCHAR(16) CHARACTER SET ascii NOT NULL,
  octets BLOB NOT NULL,                      -- without the header
  PRIMARY KEY (long_id, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What came in the last minutes, octet for octet: an operator that did not hear our
-- answer sends the same again.
CREATE TABLE inbound_seen (
  digest BINARY(16) NOT NULL,
  mark BIGINT UNSIGNED NOT NULL,             -- of the transaction that had it first
  seen_at DATETIME(3) NOT NULL,
  PRIMARY KEY (digest),
  KEY seen_at (seen_at)                      -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
