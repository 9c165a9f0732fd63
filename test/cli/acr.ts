/** Runs the command line as its owner does, in a folder of its own. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll } from "vitest";

const ACR = resolve(import.meta.dirname, "../../cli/acr.mjs");
const ENDS_WITHIN_MS = 120_000;

export type Ended = { readonly code: number; readonly out: string; readonly err: string };

/** `acr` gives the exit code and what was printed; `json` parses it. */
export function commandLine() {
  const home = mkdtempSync(join(tmpdir(), "arcrun-cli-"));
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const acr = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    new Promise<Ended>((done) => {
      const given = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...env };
      const options = { cwd: home, env: given, timeout: ENDS_WITHIN_MS };
      execFile(process.execPath, [ACR, ...args], options, (error, out, err) => done({ code: Number(error?.code ?? 0), out, err }));
    });
  const json = async (args: readonly string[], env?: Readonly<Record<string, string>>) => {
    const { code, out } = await acr([...args, "--json"], env);
    return { code, answer: JSON.parse(out) as Readonly<Record<string, unknown>> }; // each test asserts what it expects of it
  };
  return { home, acr, json };
}
