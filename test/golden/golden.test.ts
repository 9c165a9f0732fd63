/** What older engines wrote, read by today's. */
import { describe, expect, it } from "vitest";
import { allRows, openLedger } from "../../shared/ledger/ledger.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import { ENGINE_VERSION, type LogRow, type RunEventType } from "../../shared/model/log.ts";
import { createMemoryLog } from "../../shared/log-store.ts";
import { playLog, T0 } from "../shared/ledger/play.ts";
import { goOn } from "./go-on.ts";
import { followsFrom, goldenLogs, record } from "./golden-logs.ts";
import { GOLDEN_RUNS } from "./golden-runs.ts";

const LOGS = goldenLogs(import.meta.dirname);
const ofToday = LOGS.filter(({ engine }) => engine === ENGINE_VERSION);

it("There is a golden log of every run, written by this version; node test/golden/write.mjs adds what is missing", () => {
  expect(ofToday.map(({ name }) => name).sort()).toEqual(Object.keys(GOLDEN_RUNS).sort());
});

/** A new type of event does not compile until it is here, and does not pass until a golden run has it. */
const EVENT_TYPES: Readonly<Record<RunEventType, true>> = {
  "run.started": true,
  "step.leased": true,
  "step.succeeded": true,
  "step.listed": true,
  "step.failed": true,
  "step.retrying": true,
  "step.paused": true,
  "step.exchanged": true,
  "step.queued": true,
  "step.woken": true,
  "step.answered": true,
  "step.notified": true,
  "step.unknown": true,
  "run.watched": true,
  "run.cancelled": true,
  "run.replanned": true,
  "run.redriven": true,
  "run.ended": true,
};

it("Every type of event is in some golden log of this version", () => {
  const types = new Set(ofToday.flatMap(({ rows }) => rows.map(({ event }) => event.type)));
  expect([...types].sort()).toEqual(Object.keys(EVENT_TYPES).sort());
});

describe.each(LOGS)("The log of $name that engine $engine wrote", ({ engine, rows, follows }) => {
  it("says which engine wrote it", () => {
    expect(rows[0]?.event).toMatchObject({ type: "run.started", engine });
  });

  it("still means the same", () => {
    expect(followsFrom(rows)).toEqual(follows);
  });

  it("is gone on with to the end of the run", () => {
    const { status } = goOn(playLog(rows, (rows.at(-1)?.at ?? 0) + 1));
    expect(["succeeded", "failed", "cancelled"]).toContain(status);
  });
});

describe.each(ofToday)("The golden run $name", ({ name, follows }) => {
  it("comes to the same place again by the same commands", () => {
    expect(followsFrom(record(name))).toEqual(follows);
  });
});

it.each(LOGS.filter(({ engine }) => engine < ENGINE_VERSION))(
  "The log of $name that engine $engine began says at the first row of this engine that it goes on with it",
  ({ engine, rows }) => {
    const played = playLog(rows, (rows.at(-1)?.at ?? 0) + 1);
    goOn(played);
    const engines = [...allRows(played.ledger.deps.store)].map(({ event }) => event.engine);
    const first = rows.length === engines.length ? [] : [ENGINE_VERSION];
    const then = Array.from({ length: Math.max(0, engines.length - rows.length - 1) }, () => undefined);
    expect(engines).toEqual([engine, ...rows.slice(1).map(() => undefined), ...first, ...then]);
  },
);

describe("A log of a newer engine", () => {
  const chain = ofToday.find(({ name }) => name === "chain-going")?.rows ?? [];
  const newer = (change: (row: LogRow) => unknown): readonly LogRow[] => JSON.parse(JSON.stringify(chain.map(change)));
  const opened = (rows: readonly LogRow[]) => {
    const store = createMemoryLog();
    store.append(rows);
    try {
      openLedger({ ...playLog([], T0).ledger.deps, store });
      return "it was opened";
    } catch (thrown) {
      return [thrown instanceof ArcrunError ? thrown.code : thrown, store.read(0, 1000).length];
    }
  };

  it("is refused, and stays as it is", () => {
    const started = newer((row) => (row.seq === 1 ? { ...row, event: { ...row.event, engine: ENGINE_VERSION + 1 } } : row));
    const goneOn = newer((row) => (row.seq === 2 ? { ...row, event: { ...row.event, engine: ENGINE_VERSION + 1 } } : row));
    const last = chain.length;
    const gone = newer((row) => (row.seq === last ? { ...row, event: { ...row.event, type: "step.teleported" } } : row));
    expect([opened(chain), opened(started), opened(goneOn), opened(gone)]).toEqual([
      "it was opened",
      ["run.newer_engine", last],
      ["run.newer_engine", last],
      ["run.newer_engine", last],
    ]);
  });
});
