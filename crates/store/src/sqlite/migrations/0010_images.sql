-- The index of images: patients, studies, series, instances. Counts are kept, not computed.
CREATE TABLE image_patient (
  key INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  identity TEXT NOT NULL,
  patient TEXT,
  studies INTEGER NOT NULL, series INTEGER NOT NULL, instances INTEGER NOT NULL,
  document BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX image_patient_by_identity ON image_patient (tenant, identity);
CREATE INDEX image_patient_by_record ON image_patient (tenant, patient) WHERE patient IS NOT NULL;
CREATE INDEX image_patient_unknown ON image_patient (tenant, key) WHERE patient IS NULL AND studies > 0;

CREATE TABLE image_study (
  key INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  uid TEXT NOT NULL,
  patient INTEGER NOT NULL,
  -- Whose it is as it was sent, and the patient it was of then: another may be said to be right.
  named TEXT NOT NULL, sent_patient INTEGER NOT NULL,
  resource INTEGER NOT NULL,
  id TEXT NOT NULL,
  moment TEXT NOT NULL,
  -- Modalities of its series, one after the other with a backslash between.
  modalities TEXT NOT NULL,
  series INTEGER NOT NULL, instances INTEGER NOT NULL, bytes INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  -- Since when it has changed and its resource not; none: it says what the index does.
  changed_at INTEGER,
  document BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX image_study_by_uid ON image_study (tenant, uid);
CREATE UNIQUE INDEX image_study_by_id ON image_study (tenant, id);
CREATE INDEX image_study_by_moment ON image_study (tenant, moment, key);
CREATE INDEX image_study_by_patient ON image_study (patient, moment, key);
CREATE INDEX image_study_by_sent_patient ON image_study (sent_patient);
CREATE INDEX image_study_by_change ON image_study (changed_at) WHERE changed_at IS NOT NULL;

CREATE TABLE image_series (
  key INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  uid TEXT NOT NULL,
  study INTEGER NOT NULL,
  number INTEGER,
  instances INTEGER NOT NULL,
  document BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX image_series_by_uid ON image_series (tenant, uid);
CREATE INDEX image_series_by_study ON image_series (study, number, key);

CREATE TABLE image_instance (
  key INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  uid TEXT NOT NULL,
  series INTEGER NOT NULL,
  number INTEGER,
  class TEXT NOT NULL,
  syntax TEXT NOT NULL,
  blob BLOB NOT NULL,
  size INTEGER NOT NULL,
  -- Where in the blob the data set begins, and how long its header is.
  data_set INTEGER NOT NULL, header INTEGER NOT NULL,
  frames INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  document BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX image_instance_by_uid ON image_instance (tenant, uid);
CREATE INDEX image_instance_by_series ON image_instance (series, number, key);

-- Where the frames of an instance lie in its data set; as its crate writes it.
CREATE TABLE image_frames (
  instance INTEGER PRIMARY KEY,
  places BLOB NOT NULL
) STRICT;

-- Values of patients (0), studies (1) and series (2), by value and by whom they are of.
CREATE TABLE image_value (
  tenant INTEGER NOT NULL, level INTEGER NOT NULL, field INTEGER NOT NULL, value TEXT NOT NULL, owner INTEGER NOT NULL,
  PRIMARY KEY (tenant, level, field, value, owner)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_value_by_owner ON image_value (tenant, level, owner, field);
