-- When campaigns are sent: weekdays, timetables, holidays and a time zone of their own.

-- A named timetable. A removed one stays for the campaigns that were sent by it.
CREATE TABLE timetable (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(120) NOT NULL,
  removed TINYINT(1) NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  changed_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- When it sends: minutes of a day of the week, on which the slot begins.
CREATE TABLE timetable_slot (
  timetable_id INT UNSIGNED NOT NULL,
  day TINYINT UNSIGNED NOT NULL,              -- 1 is Monday
  starts SMALLINT UNSIGNED NOT NULL,
  ends SMALLINT UNSIGNED NOT NULL,            -- over 1440 = on the following day
  PRIMARY KEY (timetable_id, day, starts)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Days on which campaigns that keep holidays are not sent.
CREATE TABLE holiday (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  year SMALLINT UNSIGNED NOT NULL,            -- 0 = every year
  month TINYINT UNSIGNED NOT NULL,
  day TINYINT UNSIGNED NOT NULL,
  name VARCHAR(80) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY date (year, month, day)          -- one of each date, and their order
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE campaign
  ADD COLUMN days VARCHAR(13) CHARACTER SET ascii NOT NULL DEFAULT ''
    AFTER hours_to,                            -- "1,2,3", 1 is Monday; '' = every day
  ADD COLUMN timetable_id INT UNSIGNED NULL AFTER days,
  ADD COLUMN time_zone VARCHAR(64) CHARACTER SET ascii NOT NULL DEFAULT ''
    AFTER timetable_id,                        -- '' = the configured one
  ADD COLUMN keeps_holidays TINYINT(1) NOT NULL DEFAULT 1 AFTER time_zone,
  ADD KEY timetable (timetable_id, open, id);  -- what uses a timetable

-- Single messages leave on holidays too.
UPDATE campaign SET keeps_holidays = 0 WHERE kind = 'output_queue';
