-- Modems: what each says of itself, who called it, the balance of its SIM card.

-- What a modem said when it was asked last. `registration` is <stat> of 3GPP 27.007
-- (1 at home, 5 roaming). `counted_imsi` is the SIM card whose use stands in
-- trunk_usage now: the counts of others wait in sim_usage.
CREATE TABLE trunk_modem (
  trunk_id INT UNSIGNED NOT NULL,
  port VARCHAR(120) NOT NULL DEFAULT '',
  make VARCHAR(80) NOT NULL DEFAULT '',
  imei VARCHAR(20) CHARACTER SET ascii NOT NULL DEFAULT '',
  imsi VARCHAR(20) CHARACTER SET ascii NOT NULL DEFAULT '',
  operator VARCHAR(40) NOT NULL DEFAULT '',
  registration TINYINT UNSIGNED NULL,
  signal_dbm SMALLINT NULL,
  counted_imsi VARCHAR(20) CHARACTER SET ascii NOT NULL DEFAULT '',
  seen_at DATETIME(3) NOT NULL,
  PRIMARY KEY (trunk_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What SIM cards have sent that are in no modem now, as trunk_usage has it.
CREATE TABLE sim_usage (
  imsi VARCHAR(20) CHARACTER SET ascii NOT NULL,
  period ENUM('minute','hour','day','month') NOT NULL,
  begins_at DATETIME NOT NULL,
  segments INT UNSIGNED NOT NULL,
  PRIMARY KEY (imsi, period)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- PINs that were tried at a SIM card: never again one that it refused; one that it did
-- not answer once more when a person starts a modem's trunk (`again`), then `spent`.
-- A keyed hash of card and PIN; without the key file nobody can find the PIN by trying.
CREATE TABLE refused_pin (
  digest BINARY(32) NOT NULL,
  state ENUM('tried','again','spent','refused') NOT NULL,
  noted_at DATETIME(3) NOT NULL,
  PRIMARY KEY (digest)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Calls to a modem stand among what people write, without a text.
ALTER TABLE inbound_message
  ADD COLUMN kind ENUM('message','call') NOT NULL DEFAULT 'message';

-- A SIM card's balance, asked by USSD: because a person wants it, or once a day
-- (`daily_on` is that day, so that there is one whoever asks). The service that drives
-- the modem carries it out.
CREATE TABLE modem_balance (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  trunk_id INT UNSIGNED NOT NULL,
  daily_on DATE NULL,
  state ENUM('waiting','running','done') NOT NULL DEFAULT 'waiting',
  result_code VARCHAR(48) CHARACTER SET ascii NULL,  -- NULL = it was answered
  result_detail VARCHAR(255) NULL,
  answer VARCHAR(640) NOT NULL DEFAULT '',
  amount DECIMAL(14,4) NULL,                         -- the number found in it
  imsi VARCHAR(20) CHARACTER SET ascii NOT NULL DEFAULT '',
  requested_by VARCHAR(64) NOT NULL,
  requested_at DATETIME(3) NOT NULL,
  finished_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY daily (trunk_id, daily_on),
  KEY waiting (state, id),        -- the service takes the next one
  KEY trunk (trunk_id, id),       -- the trunk's page shows the last ones
  KEY requested (requested_at)    -- purge
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A person wants to know which modems there are; the service looks at its ports.
CREATE TABLE modem_search (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  state ENUM('waiting','running','done') NOT NULL DEFAULT 'waiting',
  found TEXT NULL,                -- JSON: a list of domain.modem_ports.FoundPort
  requested_by VARCHAR(64) NOT NULL,
  requested_at DATETIME(3) NOT NULL,
  finished_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  KEY waiting (state, id)         -- the service takes the next one
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
