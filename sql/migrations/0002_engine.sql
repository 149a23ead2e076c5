-- What the engine's guarantee, pacing and routing need.

-- What becomes of messages in doubt: a person decides, or one rule for all of them.
ALTER TABLE campaign
  ADD COLUMN in_doubt ENUM('hold','resend','assume_sent') NOT NULL DEFAULT 'hold'
  AFTER priority,
  ADD KEY in_doubt (in_doubt, id); -- the service applies the rules

-- How often a message in doubt was put in the queue again by its campaign's rule.
-- The index of ids has no trunk: setting it at the claim would write the index twice.
ALTER TABLE message
  ADD COLUMN resends TINYINT UNSIGNED NOT NULL DEFAULT 0 AFTER attempts,
  DROP KEY smsc_message_id,
  ADD KEY smsc_message_id (smsc_message_id);

-- Numbers are searched list by list: this index cost a load more than all others.
ALTER TABLE contact DROP KEY number;

-- Caps are segments in a calendar minute, hour, day or month of the configured
-- zone; NULL = none. `prefixes` = which numbers a trunk serves, digits separated
-- by commas, with ! for those it does not; '' = all.
ALTER TABLE trunk
  ADD COLUMN cap_minute INT UNSIGNED NULL AFTER rate_per_s,
  ADD COLUMN cap_hour INT UNSIGNED NULL AFTER cap_minute,
  ADD COLUMN cap_day INT UNSIGNED NULL AFTER cap_hour,
  ADD COLUMN cap_month INT UNSIGNED NULL AFTER cap_day,
  ADD COLUMN prefixes VARCHAR(255) CHARACTER SET ascii NOT NULL DEFAULT ''
    AFTER cap_month,
  ADD COLUMN cost_per_segment DECIMAL(9,4) NULL AFTER prefixes;

-- Segments that a capped trunk has claimed in its present periods.
CREATE TABLE trunk_usage (
  trunk_id INT UNSIGNED NOT NULL,
  period ENUM('minute','hour','day','month') NOT NULL,
  begins_at DATETIME NOT NULL,        -- UTC; a row of an earlier period counts 0
  segments INT UNSIGNED NOT NULL,
  PRIMARY KEY (trunk_id, period)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A receipt also carries the recipient and the beginning of the text: it settles a
-- message in doubt, whose id was never told to us.
ALTER TABLE receipt
  ADD COLUMN number VARCHAR(16) CHARACTER SET ascii NOT NULL DEFAULT ''
    AFTER smsc_message_id,
  ADD COLUMN text_start VARCHAR(40) NOT NULL DEFAULT '' AFTER number,
  ADD KEY number (number, trunk_id);
