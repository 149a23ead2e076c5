-- Probes: messages that a person sends through one trunk to see what it makes of them.

-- `alphabet` is what data_coding 0 meant to the trunk then, and `characters` what of
-- the text shows whether that is right ('' = the text shows nothing); `seen` is the
-- alphabet that they were read as, by what a person saw on the phone. The receipt's id
-- and its text are as the operator wrote them.
CREATE TABLE trunk_probe (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  trunk_id INT UNSIGNED NOT NULL,
  message_id BIGINT UNSIGNED NOT NULL,
  alphabet VARCHAR(8) CHARACTER SET ascii NOT NULL,
  characters VARCHAR(32) COLLATE utf8mb4_bin NOT NULL,
  seen VARCHAR(8) CHARACTER SET ascii NOT NULL DEFAULT '',
  receipt_id VARCHAR(255) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  receipt_text VARCHAR(40) NOT NULL DEFAULT '',
  requested_by VARCHAR(64) NOT NULL,
  requested_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY trunk (trunk_id, id),       -- the last one of a trunk
  KEY requested (trunk_id, requested_at),  -- those that may await a receipt
  KEY message (message_id)        -- what a message was sent for
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The last kept receipt to a number since a probe of it was sent.
ALTER TABLE receipt DROP KEY number, ADD KEY number (number, trunk_id, received_at);
