-- Blocked numbers by campaign and from files; what a campaign never sends.

-- From `deadline_at` (UTC) on nothing of a campaign is claimed, and the service skips
-- what is left. `discard_by` = a person wants nothing more of it sent: the service
-- cancels what is left, and clears it when nothing may come back into the queue.
ALTER TABLE campaign
  ADD COLUMN deadline_at DATETIME NULL AFTER start_at,
  ADD COLUMN discard_by VARCHAR(64) NULL AFTER open,
  ADD KEY discard (discard_by);                -- what the service must cancel

-- Loads of blocked numbers are on their own page.
ALTER TABLE import
  MODIFY COLUMN kind ENUM('file','call_records','list','manual','blocked') NOT NULL,
  ADD KEY kind (kind, id);                     -- the last loads of blocked numbers

ALTER TABLE blocked_number
  ADD KEY source (source, number),             -- page by source, of all campaigns
  ADD KEY campaign_source (campaign_id, source, number); -- and of one
