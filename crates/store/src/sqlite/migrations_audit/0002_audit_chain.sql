-- Each row's link to all rows before it, and where the chain stands. Rows from before have none.
ALTER TABLE audit ADD COLUMN link BLOB;
CREATE TABLE audit_head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  begins_after INTEGER NOT NULL,
  count INTEGER NOT NULL,
  link BLOB NOT NULL,
  seal BLOB NOT NULL
) STRICT;
