-- What patients decided about their records; written with the Consent that says so.
CREATE TABLE rule (
  tenant INTEGER NOT NULL, patient TEXT NOT NULL, resource INTEGER NOT NULL,
  permit INTEGER NOT NULL, depth INTEGER NOT NULL,
  grantee TEXT NOT NULL, type TEXT NOT NULL, label TEXT NOT NULL,
  low INTEGER NOT NULL, high INTEGER NOT NULL,
  PRIMARY KEY (tenant, patient, resource, permit, depth, grantee, type, label, low, high)
) STRICT, WITHOUT ROWID;
CREATE INDEX rule_by_resource ON rule (tenant, resource);
