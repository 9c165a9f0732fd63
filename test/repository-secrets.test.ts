/** No file of the repository holds a credential: keys of the great services by their shapes, and the engine's own. */
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";
import { expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
/** Beside what the preset knows: an API key of the engine. */
const OWN = /\bak_[0-9a-f]{48}\b/g;
const config = { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator }] };

/** An archive has no history, and nothing is committed from it. */
const isRepository = existsSync(join(ROOT, ".git"));
const trackedFiles = (): readonly string[] =>
  execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" })
    .split("\0")
    .filter((path) => path !== "");

async function secretsIn(path: string, content: string): Promise<readonly string[]> {
  const { messages } = await lintSource({
    source: { filePath: path, content, ext: extname(path), contentType: "text" },
    options: { config, maskSecrets: true },
  });
  const own = [...content.matchAll(OWN)].filter(([key]) => new Set(key.slice(3)).size > 4); // a repeated digit is an example
  return [...messages.map(({ messageId }) => messageId), ...own.map(() => "ArcrunKey")].map((kind) => `${path}: ${kind}`);
}

it("finds what must not be committed", async () => {
  const key = "k9Zq".repeat(20);
  const pem = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const serviceAccount = JSON.stringify({ type: "service_account", private_key_id: "1f".repeat(20), private_key: pem });
  const planted = [
    pem,
    serviceAccount,
    `AWS_SECRET_ACCESS_KEY="${key.slice(0, 40)}"`,
    `token: gh${"p_"}${key.slice(0, 36)}`,
    `ak${"_"}${"0123456789ab".repeat(4)}`,
  ];
  const found = await Promise.all(planted.map((text) => secretsIn("planted.json", text)));
  expect(found.map(({ length }) => length > 0)).toEqual(planted.map(() => true));
});

it.skipIf(!isRepository)(
  "holds none in the repository",
  async () => {
    const tracked = trackedFiles();
    expect(tracked.length).toBeGreaterThan(300);
    const found = await Promise.all(tracked.map((path) => secretsIn(path, readFileSync(join(ROOT, path), "utf8"))));
    expect(found.flat()).toEqual([]);
  },
  60_000,
);
