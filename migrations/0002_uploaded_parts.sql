-- The versions of the parts that tenants have uploaded. Immutable but for `pushed`, which counts the pushes of a name: the row with the
-- highest is the newest. Their bytes lie in R2 by digest, and stay there for the runs that have pinned them when a name is deleted.
CREATE TABLE part_versions (
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  contract TEXT NOT NULL, -- what plans are compiled for: a run takes the newest version that keeps it
  manifest TEXT NOT NULL, -- JSON
  created_at INTEGER NOT NULL,
  pushed INTEGER NOT NULL,
  PRIMARY KEY (tenant, name, digest)
);
