-- Finding changes, and numbers that were erased on request.
ALTER TABLE audit
  ADD KEY user_name (user_name, id),  -- what somebody did
  ADD KEY action (action, id),        -- where something was done
  ADD KEY at (at);                    -- from one day to another

-- A keyed hash of each number that was erased everywhere: it is never taken again.
CREATE TABLE erased_number (
  number_hash BINARY(32) NOT NULL,
  erased_by VARCHAR(64) NOT NULL,
  erased_at DATETIME(3) NOT NULL,
  PRIMARY KEY (number_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
