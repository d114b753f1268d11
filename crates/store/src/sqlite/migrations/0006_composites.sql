-- Values that belong together because they stand in one element: parts of composites. A part has the columns of its
-- kind: texts in text1 and text2, numbers and the two ends of dates in low and high.
CREATE TABLE index_composite (
  tenant INTEGER NOT NULL, resource INTEGER NOT NULL, path INTEGER NOT NULL,
  grp INTEGER NOT NULL, part INTEGER NOT NULL, kind INTEGER NOT NULL,
  text1 TEXT NOT NULL, text2 TEXT NOT NULL, low ANY NOT NULL, high ANY NOT NULL,
  PRIMARY KEY (tenant, resource, path, grp, part, kind, text1, text2, low, high)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_composite_by_value ON index_composite (tenant, path, part, kind, text1, low, resource);
-- What a tenant's history is read by, newest first.
CREATE INDEX resource_history_by_row ON resource_history (tenant, row);
