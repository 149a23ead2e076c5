-- Files that are made in the background, and the traffic of what was there before it.

-- An export writes a file; `found` is how many rows it has.
ALTER TABLE load_job
  ADD COLUMN file VARCHAR(80) CHARACTER SET ascii NOT NULL DEFAULT ''
    AFTER import_id,                     -- in [web] exports_dir
  ADD COLUMN size BIGINT UNSIGNED NULL AFTER file;

-- Between which ids the messages of an hour are: those of a date are looked for there.
INSERT INTO traffic (minute, campaign_id, trunk_id, state, messages, segments,
                     first_id, last_id)
SELECT * FROM (
  SELECT DATE_FORMAT(submitted_at, '%Y-%m-%d %H:00:00') AS at, campaign_id,
    COALESCE(trunk_id, 0) AS trunk_id, 'submitted' AS state, COUNT(*) AS messages,
    SUM(segments) AS segments, MIN(id) AS first_id, MAX(id) AS last_id
  FROM message WHERE submitted_at IS NOT NULL
    AND state NOT IN ('queued', 'submitting', 'in_doubt')
  GROUP BY at, campaign_id, COALESCE(trunk_id, 0)
  UNION ALL
  SELECT DATE_FORMAT(COALESCE(settled_at, created_at), '%Y-%m-%d %H:00:00') AS at,
    campaign_id, COALESCE(trunk_id, 0), state, COUNT(*), SUM(segments), MIN(id), MAX(id)
  FROM message WHERE state NOT IN ('queued', 'submitting', 'submitted')
  GROUP BY at, campaign_id, COALESCE(trunk_id, 0), state
  UNION ALL
  SELECT DATE_FORMAT(submitted_at, '%Y-%m-%d %H:00:00') AS at, campaign_id,
    COALESCE(trunk_id, 0), 'in_doubt', 0, 0, MIN(id), MAX(id)
  FROM message WHERE state = 'in_doubt' AND submitted_at IS NOT NULL
    AND DATE_FORMAT(submitted_at, '%Y-%m-%d %H')
      <> DATE_FORMAT(COALESCE(settled_at, created_at), '%Y-%m-%d %H')
  GROUP BY at, campaign_id, COALESCE(trunk_id, 0)
) past
ON DUPLICATE KEY UPDATE
  first_id = LEAST(COALESCE(traffic.first_id, past.first_id), past.first_id),
  last_id = GREATEST(COALESCE(traffic.last_id, past.last_id), past.last_id);
