/** What keeps `npm start` from starting: a plain sentence, an exit code, and data that are as they were. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";

const START = join(import.meta.dirname, "../../scripts/start.mjs");
const NOBODY = 65_534;
const MASTER_KEY = `${"ab".repeat(32)}\n`;
const API_KEY = `ak_${"cd".repeat(24)}\n`;
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A data directory as an engine has left it, but for what is given. */
function dataDirWith(files: Readonly<Record<string, string>> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), "arcrun-refusal-"));
  folders.push(dir);
  mkdirSync(join(dir, "state"));
  for (const [name, text] of Object.entries({ "master-key": MASTER_KEY, "api-key": API_KEY, "state/one.sqlite": "rows", ...files }))
    writeFileSync(join(dir, name), text);
  return dir;
}

/** Names, bytes and modes of everything in it. */
function fingerprint(dir: string): string {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" }).sort();
  const parts = names.map((name) => {
    const { mode } = statSync(join(dir, name));
    return [name, mode, statSync(join(dir, name)).isFile() ? readFileSync(join(dir, name), "base64") : ""];
  });
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** Whoever may do everything starts it as somebody who may not. */
async function start(dataDir: string, port: number, isNobody = false) {
  const isRoot = process.getuid?.() === 0;
  const child = spawn(process.execPath, [START, "--no-demo"], {
    env: { PATH: process.env["PATH"], PORT: String(port), ARCRUN_DATA_DIR: dataDir },
    stdio: ["ignore", "ignore", "pipe"],
    ...(isNobody && isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [code]: unknown[] = await once(child, "close");
  return { code, said };
}

async function takenPort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a server has a port");
  return { port: address.port, [Symbol.asyncDispose]: async () => void server.close() };
}

it("a port that is taken is named", async () => {
  await using taken = await takenPort();
  const dir = dataDirWith();
  const before = fingerprint(dir);
  expect(await start(dir, taken.port)).toEqual({
    code: 1,
    said: `arcrun: port ${taken.port} is taken; choose another one with PORT=…\n`,
  });
  expect(fingerprint(dir)).toBe(before);
});

it.each(["", "state"])("a data directory that may not be written is no place to start (%j)", async (folder) => {
  const dir = dataDirWith();
  for (const [name, mode] of [
    ["state", 0o777],
    ["master-key", 0o644],
    ["api-key", 0o644],
  ] as const)
    chmodSync(join(dir, name), mode);
  chmodSync(dir, 0o777);
  chmodSync(join(dir, folder), 0o555);
  await using taken = await takenPort(); // nothing is started, whatever happens
  const before = fingerprint(dir);
  expect(await start(dir, taken.port, true)).toEqual({
    code: 1,
    said: `arcrun: the data directory ${dir} cannot be used: EACCES: permission denied, access '${join(dir, folder)}'\n`,
  });
  expect(fingerprint(dir)).toBe(before);
});

it.each([
  ["master-key", ""],
  ["master-key", MASTER_KEY.slice(0, 40)],
  ["api-key", ""],
  ["api-key", API_KEY.slice(0, 20)],
])("a %s that was half written (%j) is not replaced", async (name, text) => {
  const dir = dataDirWith({ [name]: text });
  await using taken = await takenPort();
  const before = fingerprint(dir);
  expect(await start(dir, taken.port)).toEqual({
    code: 1,
    said: `arcrun: ${join(dir, name)} is not whole (${text.length} characters); put it back from a copy, nothing was changed\n`,
  });
  expect(fingerprint(dir)).toBe(before);
});
