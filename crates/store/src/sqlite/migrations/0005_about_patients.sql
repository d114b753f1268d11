-- Which state documents may be about a patient, so that shredding one asks for those without a list of kinds.
ALTER TABLE state ADD COLUMN about_patient INTEGER NOT NULL DEFAULT 0;
UPDATE state SET about_patient = 1 WHERE kind IN ('visit', 'note', 'window', 'quality', 'upload', 'photo', 'session',
  'emergency-access', 'application-grant', 'application-code', 'application-launch');
CREATE INDEX state_about_patients ON state (tenant) WHERE about_patient = 1;
