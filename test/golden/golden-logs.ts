/**
 * The golden logs: what engines have written, one folder a version, and what must follow from it in every later engine. A log that is there
 * is never written again: it stands for those that lie on the disks of others. `node test/golden/write.mjs` adds what is missing.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeErrands } from "../../shared/ledger/kin.ts";
import { allRows } from "../../shared/ledger/ledger.ts";
import { nextSweepAt, sweep } from "../../shared/ledger/sweep.ts";
import { view } from "../../shared/ledger/view.ts";
import type { LogRow } from "../../shared/model/log.ts";
import { ENGINE_VERSION } from "../../shared/model/log.ts";
import { playLog } from "../shared/ledger/play.ts";
import { goOn } from "./go-on.ts";
import { GOLDEN_RUNS } from "./golden-runs.ts";

export type Golden = { readonly engine: number; readonly name: string; readonly rows: readonly LogRow[]; readonly follows: unknown };

/** The moment at which a log is looked at: soon after its last row. */
const momentOf = (rows: readonly LogRow[]): number => (rows.at(-1)?.at ?? 0) + 1;

/** All that an engine makes of a log: what it shows, what it wants to do, and what becomes of it when everything goes well. */
export function followsFrom(rows: readonly LogRow[]): unknown {
  const now = momentOf(rows);
  const shown = view(playLog(rows, now).ledger, { offset: 0, limit: 1000 });
  const { ledger } = playLog(rows, now);
  const errands = takeErrands(ledger).map(({ key }) => key);
  const { hints, summary, deadLetters } = sweep(ledger);
  return plain({
    shown: shown && { ...shown, plan: undefined },
    hints: hints.map(({ lane, hint }) => [lane, hint.step]),
    told: summary?.status ?? null,
    deadLetters: deadLetters.map(({ step, error }) => [step, error.code]),
    errands,
    alarmAt: Number.isFinite(nextSweepAt(ledger)) ? nextSweepAt(ledger) : null,
    afterwards: goOn(playLog(rows, now)),
  });
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Plays a run anew with today's engine. */
export function record(name: string): readonly LogRow[] {
  const run = GOLDEN_RUNS[name];
  if (run === undefined) throw new Error(`there is no golden run ${name}`);
  return [...allRows(run().ledger.deps.store)];
}

const folderOf = (root: string, engine: number): string => join(root, `engine-${engine}`);

export function goldenLogs(root: string): readonly Golden[] {
  const engines = readdirSync(root).flatMap((folder) => /^engine-(\d+)$/.exec(folder)?.[1] ?? []);
  return engines.map(Number).flatMap((engine) =>
    readdirSync(folderOf(root, engine)).map((file) => {
      const [follows, ...rows] = readFileSync(join(folderOf(root, engine), file), "utf8")
        .trimEnd()
        .split("\n");
      return { engine, name: file.replace(/\.jsonl$/, ""), rows: rows.map((row) => JSON.parse(row)), follows: JSON.parse(follows ?? "") };
    }),
  );
}

/** Writes the logs of today's engine that are not there yet, and gives their names. First line: what follows; then a row a line. */
export function writeGoldenLogs(root: string): readonly string[] {
  const folder = folderOf(root, ENGINE_VERSION);
  mkdirSync(folder, { recursive: true });
  return Object.keys(GOLDEN_RUNS).filter((name) => {
    const file = join(folder, `${name}.jsonl`);
    if (existsSync(file)) return false;
    const rows = record(name);
    writeFileSync(file, `${[followsFrom(rows), ...rows].map((line) => JSON.stringify(line)).join("\n")}\n`);
    return true;
  });
}
