/** What a run object leaves behind when its run was deleted: on one machine its file stays, with one empty page. */
import { closeSync, opendirSync, openSync, readSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";

/** An empty SQLite database has one page: its header, and behind it the root of a table of tables without a cell. */
const PAGE_BYTES = 4096;
const PAGES_AT = 28;
const ROOT_AT = 100;
const LEAF = 0x0d;
/** The engine is not to start later for this; what is left is for the next start. */
const MAX_MS = 300;

/** Deletes the files of emptied objects below `dataDir`. Only before workerd runs. Gives their number. */
export function removeEmptyObjects(dataDir, now = () => performance.now()) {
  const until = now() + MAX_MS;
  let removed = 0;
  for (const folder of foldersIn(join(dataDir, "state", "do"))) {
    for (const file of namesIn(folder)) {
      if (now() > until) return removed;
      if (!/^[0-9a-f]{64}\.sqlite$/.test(file) || !isEmpty(join(folder, file))) continue;
      unlinkSync(join(folder, file));
      removed += 1;
    }
  }
  return removed;
}

function foldersIn(folder) {
  return [...entriesOf(folder)].filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}

function* namesIn(folder) {
  for (const entry of entriesOf(folder)) if (entry.isFile()) yield entry.name;
}

function* entriesOf(folder) {
  let directory;
  try {
    directory = opendirSync(folder);
  } catch (thrown) {
    if (thrown.code === "ENOENT") return; // nothing has run yet
    throw thrown;
  }
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) yield entry;
  } finally {
    directory.closeSync();
  }
}

function isEmpty(file) {
  if (statSync(file).size !== PAGE_BYTES || isThere(`${file}-wal`)) return false; // a journal may hold what the file does not yet
  const page = Buffer.alloc(PAGE_BYTES);
  const handle = openSync(file, "r");
  try {
    readSync(handle, page, 0, PAGE_BYTES, 0);
  } finally {
    closeSync(handle);
  }
  const isOnePage = page.toString("latin1", 0, 15) === "SQLite format 3" && page.readUInt32BE(PAGES_AT) === 1;
  return isOnePage && page[ROOT_AT] === LEAF && page.readUInt16BE(ROOT_AT + 3) === 0;
}

const isThere = (file) => statSync(file, { throwIfNoEntry: false }) !== undefined;
