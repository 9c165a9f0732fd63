-- The schedules of the newest version of each workflow, written with its name in one transaction. When they fire, their object decides; what
-- it did last is told here for lists.
CREATE TABLE schedules (
  tenant TEXT NOT NULL,
  workflow TEXT NOT NULL,
  key TEXT NOT NULL, -- of cron, time zone and input: the same schedule in the next version keeps its history
  position INTEGER NOT NULL,
  cron TEXT NOT NULL,
  timezone TEXT NOT NULL,
  input TEXT NOT NULL, -- JSON
  overlap TEXT NOT NULL CHECK (overlap IN ('skip', 'allow')),
  catch_up TEXT NOT NULL CHECK (catch_up IN ('none', 'last')),
  next_at INTEGER, -- null: it never fires again, or its object has not told yet
  last_at INTEGER, -- the moment that was due, not the one at which the run began
  last_run_id TEXT,
  skipped INTEGER NOT NULL DEFAULT 0,
  missed INTEGER NOT NULL DEFAULT 0,
  last_error TEXT, -- JSON; null: the last firing started its run
  PRIMARY KEY (tenant, workflow, key)
) WITHOUT ROWID;
