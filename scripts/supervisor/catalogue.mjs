/** Brings the catalogue (D1) up to date: migrations, and the key of the owner. Safe to run at every start. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SCOPES = ["admin", "deploy", "trigger", "read"];

/** `seed` is `{ migrationsDir, apiKey }`; the key's tenant is `default` and it has all scopes. When all is there, that takes one question. */
export async function prepareCatalogue(db, { migrationsDir, apiKey }) {
  const files = readdirSync(migrationsDir).filter((name) => name.endsWith(".sql"));
  const hash = createHash("sha256").update(apiKey).digest("hex");
  const asked = [db.prepare("SELECT name FROM d1_migrations"), db.prepare("SELECT 1 FROM keys WHERE hash = ?").bind(hash)];
  const [applied, key] = await db.batch(asked).catch(() => []); // the first start: there is no such table
  const isThere = new Set(applied?.results.map(({ name }) => name));
  if (key?.results.length > 0 && files.every((name) => isThere.has(name))) return;
  await migrate(db, migrationsDir, files);
  await seedKey(db, hash);
}

/** Each file is one transaction, written down in the table that `wrangler d1 migrations` uses, so the two agree. */
async function migrate(db, folder, files) {
  await db
    .prepare(
      "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    )
    .run();
  const { results } = await db.prepare("SELECT name FROM d1_migrations").all();
  const applied = new Set(results.map(({ name }) => name));
  for (const name of files.sort().filter((file) => !applied.has(file))) {
    const statements = splitStatements(readFileSync(join(folder, name), "utf8")).map((sql) => db.prepare(sql));
    await db.batch([...statements, db.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name)]);
  }
}

async function seedKey(db, hash) {
  const { results } = await db.prepare("SELECT 1 FROM keys WHERE hash = ?").bind(hash).all();
  if (results.length > 0) return;
  await db
    .prepare("INSERT OR IGNORE INTO keys (id, tenant, name, hash, scopes, created_at, seeded) VALUES (?, 'default', 'seeded', ?, ?, ?, 1)")
    .bind(`key_${hash.slice(0, 24)}`, hash, JSON.stringify(SCOPES), Date.now())
    .run();
}

/** Splits at semicolons outside of quotes, comments and trigger bodies. */
export function splitStatements(sql) {
  const statements = [];
  let current = "";
  for (const [token] of sql.matchAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|;|[^;'"/-]+|[/-]/g)) {
    if (token.startsWith("--") || token.startsWith("/*")) continue;
    if (token !== ";" || isOpenTrigger(current)) current += token;
    else {
      statements.push(current.trim());
      current = "";
    }
  }
  return [...statements, current.trim()].filter((statement) => statement !== "");
}

function isOpenTrigger(statement) {
  return /^\s*CREATE\s+(TEMP\s+|TEMPORARY\s+)?TRIGGER\b/i.test(statement) && !/\bEND\s*$/i.test(statement);
}
