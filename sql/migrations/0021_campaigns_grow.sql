-- Campaigns that grow: bulk files, and permanent ones that follow their list.

-- With 'bulk', the loads of bulk files, which are on their own page.
ALTER TABLE import
  MODIFY COLUMN kind ENUM('file','call_records','list','manual','blocked','automatic',
                          'api','bulk') NOT NULL;

-- A permanent campaign stays open: contacts that come into its list get it too, once
-- each. Those with an id up to `taken_until` have been looked at.
ALTER TABLE campaign
  ADD COLUMN permanent TINYINT(1) NOT NULL DEFAULT 0 AFTER list_id,
  ADD COLUMN taken_until BIGINT UNSIGNED NOT NULL DEFAULT 0 AFTER permanent,
  ADD KEY permanent (permanent, list_id);      -- what the service must look at

-- To whom a permanent campaign was sent, by a keyed hash: it stays when the numbers of
-- its messages are purged, so that nobody gets it twice.
CREATE TABLE permanent_recipient (
  campaign_id INT UNSIGNED NOT NULL,
  number_hash BINARY(32) NOT NULL,
  PRIMARY KEY (campaign_id, number_hash)       -- was it sent to this number?
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A large campaign may need a second person: while `approval` is waiting nothing of it is
-- claimed. Neither who made it nor who changed it last (`changed_by`) may approve it.
ALTER TABLE campaign
  ADD COLUMN approval ENUM('none','waiting','approved') NOT NULL DEFAULT 'none' AFTER paused,
  ADD COLUMN changed_by VARCHAR(64) NOT NULL DEFAULT '' AFTER changed_at,
  ADD COLUMN approved_by VARCHAR(64) NULL,
  ADD COLUMN approved_at DATETIME(3) NULL,
  ADD KEY approval (approval, id);             -- what waits for a person
