-- Which expensive characters of its filled texts are replaced: for those who come into
-- the list of a permanent campaign later as for those who were there.
ALTER TABLE campaign
  ADD COLUMN characters ENUM('keep','marks','letters') NOT NULL DEFAULT 'keep'
  AFTER permanent;

-- Whoever is tried again is looked up among those that the load did not take.
ALTER TABLE import_problem ADD KEY import_number (import_id, number(20));
