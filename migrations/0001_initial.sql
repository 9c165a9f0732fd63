-- Times are milliseconds of the epoch. Every table that holds something of a tenant begins its key with it.

-- The name of a workflow and the version that it points at.
CREATE TABLE workflows (
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  description TEXT NOT NULL,
  trigger_auth TEXT NOT NULL, -- JSON of the plan's trigger
  created_at INTEGER NOT NULL, -- of the version
  PRIMARY KEY (tenant, name)
) WITHOUT ROWID;

-- Immutable. `plan` and `source` are text, or `gzip:` and base64 when they are long.
CREATE TABLE versions (
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  description TEXT NOT NULL,
  plan TEXT NOT NULL,
  source TEXT NOT NULL,
  format TEXT NOT NULL CHECK (format IN ('yaml', 'json')),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, name, version)
);

-- `hash` is the SHA-256 of the whole key in hex; the key itself is nowhere.
CREATE TABLE keys (
  id TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL, -- JSON list
  seeded INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
);
CREATE INDEX keys_of_tenant ON keys (tenant, created_at);

-- AES-GCM under a key derived from the master key; tenant and name are authenticated with it.
CREATE TABLE credentials (
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  hosts TEXT NOT NULL, -- JSON list
  nonce TEXT NOT NULL, -- base64
  ciphertext TEXT NOT NULL, -- base64
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, name)
);

-- The index of runs, rebuildable from the run objects. `seq` orders the summaries of one run.
CREATE TABLE runs (
  tenant TEXT NOT NULL,
  run_id TEXT NOT NULL,
  workflow TEXT NOT NULL,
  version TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  error_code TEXT,
  seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, run_id)
) WITHOUT ROWID;
CREATE INDEX runs_newest ON runs (tenant, started_at DESC, run_id DESC);
CREATE INDEX runs_of_workflow ON runs (tenant, workflow, started_at DESC, run_id DESC);

CREATE TABLE dead_letters (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  run_id TEXT,
  workflow TEXT,
  node TEXT,
  step TEXT,
  error TEXT NOT NULL, -- JSON
  fingerprint TEXT NOT NULL,
  input TEXT,
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX dead_letters_newest ON dead_letters (tenant, at DESC, id DESC);
CREATE INDEX dead_letters_of_workflow ON dead_letters (tenant, workflow, at DESC, id DESC);

-- Of the whole installation. `minute` counts from the epoch; minute 0 holds the totals since the beginning.
CREATE TABLE counters (
  minute INTEGER NOT NULL,
  name TEXT NOT NULL,
  labels TEXT NOT NULL, -- JSON object, keys sorted
  value REAL NOT NULL,
  PRIMARY KEY (minute, name, labels)
) WITHOUT ROWID;
