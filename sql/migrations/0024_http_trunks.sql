-- What providers tell over HTTP: messages of people, and calls that were not believed.

-- Messages of people that a provider told. A call's are committed here before it is
-- answered; the service takes them, and then only the mark stays, by which a call that
-- is repeated for days is known again.
CREATE TABLE provider_message (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  trunk_id INT UNSIGNED NOT NULL,
  mark BINARY(16) NOT NULL,                  -- a hash of the provider's id
  sender VARCHAR(32) NOT NULL DEFAULT '',
  recipient VARCHAR(32) NOT NULL DEFAULT '',
  text MEDIUMTEXT NOT NULL,
  seen_digest BINARY(16) NULL,               -- of one without an id: inbound_seen
  came_at DATETIME(3) NOT NULL,
  due_at DATETIME(3) NULL,                   -- when it is to be taken; NULL = it is
  PRIMARY KEY (id),
  UNIQUE KEY mark (trunk_id, mark),          -- told once
  KEY due (due_at),                          -- those to be taken
  KEY came_at (came_at)                      -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The last call for a trunk that was refused, and how many there were.
CREATE TABLE provider_refusal (
  trunk_id INT UNSIGNED NOT NULL,
  why VARCHAR(24) CHARACTER SET ascii NOT NULL,  -- signature, token, verify_token
  times INT UNSIGNED NOT NULL,
  last_at DATETIME(3) NOT NULL,
  PRIMARY KEY (trunk_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- WhatsApp's ids are longer than SMPP's 65 and differ in their ends. No row is rewritten.
ALTER TABLE message
  MODIFY smsc_message_id VARCHAR(160) COLLATE utf8mb4_bin NULL;  -- of the only segment
ALTER TABLE segment MODIFY smsc_message_id VARCHAR(160) COLLATE utf8mb4_bin NOT NULL;
ALTER TABLE receipt MODIFY smsc_message_id VARCHAR(160) COLLATE utf8mb4_bin NOT NULL;
