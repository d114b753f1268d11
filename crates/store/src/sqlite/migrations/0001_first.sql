-- The counters of the writer. One row, kept in step by every transaction.
CREATE TABLE clock (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL,
  last_updated INTEGER NOT NULL,
  outbox INTEGER NOT NULL
) STRICT;
INSERT INTO clock VALUES (1, 0, 0, 0);

-- Commits that were applied, so that a repeat is answered and not applied again.
CREATE TABLE applied (
  sequence INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  id BLOB NOT NULL,
  last_updated INTEGER NOT NULL,
  versions BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX applied_by_id ON applied (tenant, id);

-- Resources: the current version of each; contents lie in the history, written once.
CREATE TABLE resource (
  key INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  last_updated INTEGER NOT NULL,
  content INTEGER NOT NULL,
  deleted INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX resource_by_id ON resource (tenant, type, id);
CREATE INDEX resource_by_change ON resource (tenant, type, last_updated, id) WHERE deleted = 0;

CREATE TABLE resource_history (
  row INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  resource INTEGER NOT NULL,
  version INTEGER NOT NULL,
  last_updated INTEGER NOT NULL,
  document BLOB
) STRICT;
CREATE UNIQUE INDEX resource_history_by_version ON resource_history (tenant, resource, version);

-- A search parameter of a type as a number, one for each kind of value it has.
CREATE TABLE path (
  id INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  param TEXT NOT NULL,
  kind INTEGER NOT NULL,
  UNIQUE (type, param, kind)
) STRICT;

-- Index values: clustered by resource (replaced together), with a second order by value (searched).
CREATE TABLE index_token (
  tenant INTEGER NOT NULL, resource INTEGER NOT NULL, path INTEGER NOT NULL,
  code TEXT NOT NULL, system TEXT NOT NULL,
  PRIMARY KEY (tenant, resource, path, code, system)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_token_by_value ON index_token (tenant, path, code, system, resource);

CREATE TABLE index_text (
  tenant INTEGER NOT NULL, resource INTEGER NOT NULL, path INTEGER NOT NULL,
  folded TEXT NOT NULL, exact TEXT NOT NULL,
  PRIMARY KEY (tenant, resource, path, folded, exact)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_text_by_value ON index_text (tenant, path, folded, resource);

CREATE TABLE index_date (
  tenant INTEGER NOT NULL, resource INTEGER NOT NULL, path INTEGER NOT NULL,
  low INTEGER NOT NULL, high INTEGER NOT NULL,
  PRIMARY KEY (tenant, resource, path, low, high)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_date_by_value ON index_date (tenant, path, low, high, resource);

CREATE TABLE index_number (
  tenant INTEGER NOT NULL, resource INTEGER NOT NULL, path INTEGER NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (tenant, resource, path, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_number_by_value ON index_number (tenant, path, value, resource);

CREATE TABLE index_quantity (
  tenant INTEGER NOT NULL, resource INTEGER NOT NULL, path INTEGER NOT NULL,
  value REAL NOT NULL, system TEXT NOT NULL, unit TEXT NOT NULL,
  PRIMARY KEY (tenant, resource, path, value, system, unit)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_quantity_by_value ON index_quantity (tenant, path, value, unit, system, resource);

CREATE TABLE index_reference (
  tenant INTEGER NOT NULL, resource INTEGER NOT NULL, path INTEGER NOT NULL,
  target_id TEXT NOT NULL, target_type TEXT NOT NULL,
  PRIMARY KEY (tenant, resource, path, target_id, target_type)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_reference_by_value ON index_reference (tenant, path, target_id, target_type, resource);

CREATE TABLE index_uri (
  tenant INTEGER NOT NULL, resource INTEGER NOT NULL, path INTEGER NOT NULL,
  uri TEXT NOT NULL,
  PRIMARY KEY (tenant, resource, path, uri)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_uri_by_value ON index_uri (tenant, path, uri, resource);

CREATE TABLE compartment (
  tenant INTEGER NOT NULL, resource INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (tenant, resource, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX compartment_by_owner ON compartment (tenant, kind, id, resource);

-- Server-side state and the keys it is found by.
CREATE TABLE state (
  key INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  last_updated INTEGER NOT NULL,
  expires INTEGER,
  body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX state_by_id ON state (tenant, kind, id);
CREATE INDEX state_by_expiry ON state (expires) WHERE expires IS NOT NULL;

CREATE TABLE state_key (
  tenant INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  id TEXT NOT NULL, state INTEGER NOT NULL, is_unique INTEGER NOT NULL,
  PRIMARY KEY (tenant, kind, name, value, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX state_key_by_state ON state_key (tenant, state);

CREATE TABLE blob (
  tenant INTEGER NOT NULL, id BLOB NOT NULL, subject TEXT NOT NULL, size INTEGER NOT NULL, blake3 BLOB NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  topic TEXT NOT NULL,
  key TEXT NOT NULL,
  payload BLOB NOT NULL
) STRICT;

-- The audit of writes; that of reads has the same shape in its own file.
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
