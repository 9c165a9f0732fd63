import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { removeEmptyObjects } from "../../scripts/supervisor/empty-objects.mjs";

const idOf = (n: number): string => n.toString(16).padStart(64, "0");

/** A database of so many pages and tables, as far as its header says. */
function database(pages: number, tables: number): Buffer {
  const bytes = Buffer.alloc(4096 * pages);
  bytes.write("SQLite format 3\0", "latin1");
  bytes.writeUInt32BE(pages, 28);
  bytes[100] = 0x0d;
  bytes.writeUInt16BE(tables, 103);
  return bytes;
}

function folderWith(files: Readonly<Record<string, Buffer>>) {
  const dataDir = mkdtempSync(join(tmpdir(), "arcrun-objects-"));
  const folder = join(dataDir, "state", "do", "runner-RunObject");
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return { dataDir, left: () => readdirSync(folder).sort() };
}

it("the file of an object is deleted when the object is empty, and only then", () => {
  const kept = {
    [`${idOf(2)}.sqlite`]: database(1, 1),
    [`${idOf(3)}.sqlite`]: database(3, 0),
    [`${idOf(4)}.sqlite`]: database(1, 0),
    [`${idOf(4)}.sqlite-wal`]: Buffer.alloc(32),
    [`${idOf(5)}.sqlite`]: Buffer.alloc(4096),
    "metadata.sqlite": database(1, 0),
  };
  const { dataDir, left } = folderWith({ [`${idOf(1)}.sqlite`]: database(1, 0), ...kept });
  expect([removeEmptyObjects(dataDir), left()]).toEqual([1, Object.keys(kept).sort()]);
});

it("a start waits for it a moment at most, and not at all where nothing has run", () => {
  const { dataDir, left } = folderWith(Object.fromEntries([1, 2, 3].map((n) => [`${idOf(n)}.sqlite`, database(1, 0)])));
  let time = 0;
  expect([removeEmptyObjects(dataDir, () => (time += 200)), left().length]).toEqual([1, 2]);
  expect(removeEmptyObjects(mkdtempSync(join(tmpdir(), "arcrun-objects-")))).toBe(0);
});
