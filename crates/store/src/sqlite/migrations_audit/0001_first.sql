-- The audit of reads: the same shape as the audit of writes in the main file.
CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  operation TEXT NOT NULL,
  success INTEGER NOT NULL,
  agent TEXT NOT NULL,
  organization TEXT NOT NULL,
  purpose TEXT NOT NULL,
  address TEXT NOT NULL,
  request TEXT NOT NULL,
  patients TEXT NOT NULL,
  entity TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (tenant, at);
CREATE TABLE audit_patient (
  tenant INTEGER NOT NULL, patient TEXT NOT NULL, sequence INTEGER NOT NULL,
  PRIMARY KEY (tenant, patient, sequence)
) STRICT, WITHOUT ROWID;
