-- The number of the newest version outlives it: whoever reads versions in order has read up to a number, and after the
-- newest were erased no other version may be given a number that was read already.
ALTER TABLE clock ADD COLUMN content INTEGER NOT NULL DEFAULT 0;
UPDATE clock SET content = (SELECT coalesce(max(row), 0) FROM resource_history);
-- Tokens are found by their names too.
INSERT OR IGNORE INTO state_key (tenant, kind, name, value, id, state, is_unique)
  SELECT tenant, kind, 'name', json_extract(CAST(body AS TEXT), '$.name'), id, key, 0 FROM state
  WHERE kind = 'token' AND json_extract(CAST(body AS TEXT), '$.name') IS NOT NULL;
