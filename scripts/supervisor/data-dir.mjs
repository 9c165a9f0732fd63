/** The data directory: what must outlive every process. Secrets in it are readable by their owner only. */
import { randomBytes } from "node:crypto";
import { accessSync, constants, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { API_KEY, StartError } from "./settings.mjs";

const MASTER_KEY = /^[0-9a-f]{64}$/;

/** Opens (and makes) `dir`: `{ masterKey, apiKey, isNewKey }`. A given `apiKey` is used as it is and is not stored. */
export function openDataDir(dir, apiKey) {
  try {
    const state = join(dir, "state");
    mkdirSync(state, { recursive: true, mode: 0o700 });
    for (const folder of [dir, state]) accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const masterKey = secretOf(join(dir, "master-key"), MASTER_KEY, () => randomBytes(32).toString("hex"));
    if (apiKey) return { masterKey: masterKey.text, apiKey, isNewKey: false };
    const made = secretOf(join(dir, "api-key"), API_KEY, () => `ak_${randomBytes(24).toString("hex")}`);
    return { masterKey: masterKey.text, apiKey: made.text, isNewKey: made.isNew };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`the data directory ${dir} cannot be used: ${error.message}`);
  }
}

/**
 * A crash in between leaves the whole secret or none: it appears under its name by one link, which never overwrites. One that was cut off by
 * something else is never replaced: what hangs on it would be lost.
 */
function secretOf(file, pattern, make) {
  const known = readSecret(file, pattern);
  if (known !== undefined) return { text: known, isNew: false };
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${make()}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  return { text: readSecret(file, pattern), isNew: true };
}

function readSecret(file, pattern) {
  let text;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
  if (pattern.test(text)) return text;
  throw new StartError(`${file} is not whole (${text.length} characters); put it back from a copy, nothing was changed`);
}

/** A reader of `file` sees all of it or nothing. */
export function writeWhole(file, text) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
