-- Opt-outs that people send, and answers to what they write.

-- What we write of ourselves: 1 = an answer, which may leave outside the sending
-- hours; 2 = the confirmation of an opt-out, which goes out although its number is
-- opted out (but not if somebody else has blocked it too).
ALTER TABLE message ADD COLUMN answer TINYINT UNSIGNED NOT NULL DEFAULT 0;

-- When the number itself asked to be left out, and in which incoming message. A block
-- of a person or of another list may have it too: each takes away its own only.
ALTER TABLE blocked_number
  ADD COLUMN opted_out_at DATETIME(3) NULL,
  ADD COLUMN inbound_id BIGINT UNSIGNED NULL,
  ADD KEY opted_out (opted_out_at, number);  -- the last opt-outs

-- Keyword answers, tried in the order of their ids. Without hours or days: always.
CREATE TABLE answer_rule (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  words TEXT NOT NULL,                                  -- separated by commas
  matching VARCHAR(8) CHARACTER SET ascii NOT NULL,     -- alone, begins, inside
  text TEXT NOT NULL,
  active TINYINT(1) NOT NULL DEFAULT 1,
  hours VARCHAR(11) CHARACTER SET ascii NOT NULL DEFAULT '', -- HH:MM-HH:MM, local
  days VARCHAR(13) CHARACTER SET ascii NOT NULL DEFAULT '',  -- 1,2 ...; 1 = Monday
  created_by VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  changed_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- How often a number was answered, for the limits; purged when it no longer counts.
-- The row of kind 'all' is held by whoever is about to answer a number.
CREATE TABLE answered (
  number VARCHAR(16) CHARACTER SET ascii NOT NULL,
  kind VARCHAR(24) CHARACTER SET ascii NOT NULL,  -- all, opt_out, keyword:7 ...
  day DATE NOT NULL,                              -- local
  answers SMALLINT UNSIGNED NOT NULL,             -- of that day
  last_at DATETIME(3) NOT NULL,
  PRIMARY KEY (number, kind),
  KEY last_at (last_at)                           -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
