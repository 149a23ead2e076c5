-- Webhooks: events that are posted to other programs, and totals for a monitor.

-- A program that is told of events. `events` are kinds separated by commas
-- (domain/webhooks.py); `secrets` hold what signs and the own headers, encrypted.
-- After failures nothing is posted before `due_at`; one service at a time posts.
CREATE TABLE webhook (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(80) NOT NULL,
  url VARCHAR(500) CHARACTER SET ascii NOT NULL,
  events VARCHAR(500) CHARACTER SET ascii NOT NULL,
  with_texts TINYINT(1) NOT NULL DEFAULT 0,
  active TINYINT(1) NOT NULL DEFAULT 1,
  secrets BLOB NOT NULL,
  header_names VARCHAR(255) CHARACTER SET ascii NOT NULL DEFAULT '',
  stopped_code VARCHAR(48) CHARACTER SET ascii NULL, -- why the service turned it off
  failures INT UNSIGNED NOT NULL DEFAULT 0,          -- in a row
  due_at DATETIME(3) NOT NULL,
  succeeded_at DATETIME(3) NULL,
  error_code VARCHAR(48) CHARACTER SET ascii NULL,   -- the last failure
  error_detail VARCHAR(255) NULL,
  error_at DATETIME(3) NULL,
  taken_by VARCHAR(96) CHARACTER SET ascii NOT NULL DEFAULT '',
  taken_at DATETIME(3) NULL,
  created_at DATETIME(3) NOT NULL,
  changed_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Events on their way: some of one kind that happened in one transaction, as the ids
-- of what they happened to. They belong to a delivery from when it is made up.
CREATE TABLE webhook_event (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  webhook_id INT UNSIGNED NOT NULL,
  delivery_id BIGINT UNSIGNED NOT NULL DEFAULT 0,    -- 0 = none yet
  kind VARCHAR(24) CHARACTER SET ascii NOT NULL,     -- e.g. message.delivered
  code VARCHAR(48) CHARACTER SET ascii NOT NULL DEFAULT '', -- why
  detail VARCHAR(255) NOT NULL DEFAULT '',
  subjects TEXT CHARACTER SET ascii NOT NULL,        -- ids separated by commas
  events SMALLINT UNSIGNED NOT NULL,                 -- how many
  event_key CHAR(16) CHARACTER SET ascii NOT NULL,   -- what the ids of the events begin with
  at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY webhook (webhook_id, delivery_id, id)          -- the next ones; those of a delivery
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One POST with up to 100 events, tried until it is taken: the log of a webhook.
-- `aside` = the target refuses this one again and again: others go before it.
CREATE TABLE webhook_delivery (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  webhook_id INT UNSIGNED NOT NULL,
  delivery_key CHAR(24) CHARACTER SET ascii NOT NULL, -- the id that the target sees
  kind ENUM('events','test') NOT NULL DEFAULT 'events',
  state ENUM('waiting','delivered','given_up','discarded') NOT NULL DEFAULT 'waiting',
  aside TINYINT(1) NOT NULL DEFAULT 0,
  events INT UNSIGNED NOT NULL,
  attempts SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  due_at DATETIME(3) NOT NULL,
  http_status SMALLINT UNSIGNED NULL,
  took_ms INT UNSIGNED NULL,
  result_code VARCHAR(48) CHARACTER SET ascii NULL,
  result_detail VARCHAR(255) NULL,
  created_at DATETIME(3) NOT NULL,
  tried_at DATETIME(3) NULL,
  finished_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  KEY waiting (webhook_id, state, aside, id), -- the next one; those given up
  KEY log (webhook_id, id),                   -- the page of a webhook
  KEY finished (finished_at)                  -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What messages became on each trunk since the installation: traffic is folded into
-- it, minute by minute, so that these totals never go back.
CREATE TABLE trunk_total (
  trunk_id INT UNSIGNED NOT NULL,             -- 0 = none
  state VARCHAR(16) CHARACTER SET ascii NOT NULL,
  messages BIGINT UNSIGNED NOT NULL,
  segments BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (trunk_id, state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- How far that has come: everything of minutes before `until` is in.
CREATE TABLE trunk_total_progress (
  id TINYINT UNSIGNED NOT NULL,               -- 1
  until DATETIME NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What the engine counts beside that, written every few seconds: name is answered
-- (by the most milliseconds that it took), waited_ms, receipts or incoming.
CREATE TABLE trunk_tally (
  trunk_id INT UNSIGNED NOT NULL,
  name VARCHAR(16) CHARACTER SET ascii NOT NULL,
  bound INT UNSIGNED NOT NULL,                -- 0 where it means nothing
  amount BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (trunk_id, name, bound)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
