/** The data directory: what must outlive every process. Secrets in it are readable by their owner only. */
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "./settings.mjs";

/** Opens (and makes) `dir`: `{ masterKey, apiKey, isNewKey }`. A given `apiKey` is used as it is and is not stored. */
export function openDataDir(dir, apiKey) {
  try {
    mkdirSync(join(dir, "state"), { recursive: true, mode: 0o700 });
    const masterKey = secretOf(join(dir, "master-key"), () => randomBytes(32).toString("hex"));
    if (apiKey) return { masterKey: masterKey.text, apiKey, isNewKey: false };
    const made = secretOf(join(dir, "api-key"), () => `ak_${randomBytes(24).toString("hex")}`);
    return { masterKey: masterKey.text, apiKey: made.text, isNewKey: made.isNew };
  } catch (error) {
    throw new StartError(`the data directory ${dir} cannot be used: ${error.message}`);
  }
}

/** A crash in between leaves the whole secret or none: it appears under its name by one link, which never overwrites. */
function secretOf(file, make) {
  try {
    return { text: readFileSync(file, "utf8").trim(), isNew: false };
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${make()}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  return { text: readFileSync(file, "utf8").trim(), isNew: true };
}

/** A reader of `file` sees all of it or nothing. */
export function writeWhole(file, text) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
