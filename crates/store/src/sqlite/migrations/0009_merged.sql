-- Records of patients who are one person: the record each was merged into, and the one that stands for all of them.
-- Nothing that refers to a record is rewritten; searches look here.
CREATE TABLE merged (
  tenant INTEGER NOT NULL, patient TEXT NOT NULL, into_patient TEXT NOT NULL, survivor TEXT NOT NULL,
  PRIMARY KEY (tenant, patient)
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_by_survivor ON merged (tenant, survivor, patient);
CREATE INDEX merged_by_into ON merged (tenant, into_patient, patient);
