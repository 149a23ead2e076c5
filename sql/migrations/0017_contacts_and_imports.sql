-- Contacts with fields, and what a load brought.

-- By which load a contact came; NULL = by hand, or before this was kept. Without an
-- index, which would slow every load: they lie between the load's first and last id.
ALTER TABLE contact ADD COLUMN import_id INT UNSIGNED NULL AFTER fields;

-- `digest` is of the file. `undone_at` = what it brought and was not sent has been
-- taken away again, `undone` contacts or messages of it.
ALTER TABLE import
  MODIFY COLUMN kind ENUM('file','call_records','list','manual','blocked','automatic',
                          'api','bulk') NOT NULL,
  ADD COLUMN digest BINARY(16) NULL,
  ADD COLUMN first_contact_id BIGINT UNSIGNED NULL,
  ADD COLUMN last_contact_id BIGINT UNSIGNED NULL,
  ADD COLUMN undone_at DATETIME(3) NULL,
  ADD COLUMN undone_by VARCHAR(64) NULL,
  ADD COLUMN undone INT UNSIGNED NULL,
  ADD COLUMN notes TEXT NULL,                  -- JSON: what a person should know of it
  ADD KEY digest (digest, id);                 -- the same file again

-- A row that was not taken keeps its other columns too, so that it can be repaired.
ALTER TABLE import_problem
  ADD COLUMN fields TEXT NULL;                       -- JSON object; NULL = it has none
