/** The ports of the HTTP Workers in memory, and a run object that does as it is told. */
import type { FailureBudget } from "../../shared/failure-budget.ts";
import { sha256Hex, type Ids, createIds } from "../../shared/ids.ts";
import type { LaneHint } from "../../shared/message.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import type { Plan } from "../../shared/model/plan.ts";
import { contractOf, partInfo } from "../../shared/part-info.ts";
import type {
  Catalogue,
  Key,
  Keys,
  Schedules,
  Scope,
  StoredSchedule,
  UploadedPart,
  UploadedParts,
  WorkflowVersion,
} from "../../shared/ports.ts";
import type { RunApi } from "../../shared/run-api.ts";
import type { RunSummary, RunView } from "../../shared/run-view.ts";
import type { SingletonReply, Slots } from "../../shared/slots/slot-api.ts";

export const ids: Ids = createIds("ab".repeat(32));
export const background = { waitUntil: () => undefined };

const hexOf = (name: string): string => sha256Hex(name).slice(0, 48);
/** The API key of this name. */
export const apiKey = (name: string): string => `ak_${hexOf(name)}`;

/** Nobody fails too often. */
export const patient: FailureBudget = { isSpent: () => false, refusal: (_headers, refused) => refused };

export function fakeKeys(...known: { name: string; tenant: string; scopes: readonly Scope[] }[]): Keys {
  const keys = new Map<string, Key>(
    known.map(({ name, tenant, scopes }) => [
      sha256Hex(apiKey(name)),
      { id: `key_${name}`, tenant, name, scopes, createdAt: 0, seeded: false },
    ]),
  );
  return {
    find: (hash) => Promise.resolve(keys.get(hash)),
    mayExist: (hash) => Promise.resolve(keys.has(hash)),
    add: (key, hash) => Promise.resolve(void keys.set(hash, key)),
    list: (tenant) => Promise.resolve([...keys.values()].filter((key) => key.tenant === tenant)),
    revoke(tenant, id) {
      const found = [...keys].find(([, key]) => key.tenant === tenant && key.id === id);
      return Promise.resolve(found !== undefined && keys.delete(found[0]));
    },
  };
}

/** Keeps the schedules that the catalogue is given, and tells the calls of their objects. `broken` names calls that fail. */
export function fakeSchedules() {
  const kept = new Map<string, readonly StoredSchedule[]>();
  const calls: string[] = [];
  const broken = new Set<string>();
  const noted = (method: string) => (tenant: string, workflow: string) => {
    calls.push(`${method} ${tenant}/${workflow}`);
    return broken.has(method) ? Promise.reject(new Error("the object does not answer")) : Promise.resolve();
  };
  const schedules: Schedules = {
    of: (tenant, workflow) => Promise.resolve(kept.get(`${tenant}/${workflow}`) ?? []),
    tell: () => Promise.resolve(),
    list(tenant) {
      const rows = [...kept].flatMap(([place, list]) =>
        place.startsWith(`${tenant}/`) ? list.map((one) => ({ ...one, ...NO_HISTORY, workflow: place.slice(tenant.length + 1) })) : [],
      );
      return Promise.resolve({ schedules: rows, nextCursor: null });
    },
  };
  return { kept, calls, broken, schedules, keepers: { of: () => ({ expect: noted("expect"), sync: noted("sync") }) } };
}
const NO_HISTORY = { nextAt: null, lastAt: null, lastRunId: null, skipped: 0, missed: 0, lastError: null };

export function fakeCatalogue(kept = new Map<string, readonly StoredSchedule[]>()): Catalogue {
  const versions = new Map<string, WorkflowVersion[]>();
  const of = (tenant: string, name: string) => versions.get(`${tenant}/${name}`) ?? [];
  return {
    push(tenant, version, schedules = []) {
      if (schedules.length > 0) kept.set(`${tenant}/${version.name}`, schedules);
      else kept.delete(`${tenant}/${version.name}`);
      const others = of(tenant, version.name).filter((one) => one.version !== version.version);
      const isNew = others.length === of(tenant, version.name).length;
      versions.set(`${tenant}/${version.name}`, [...others, version]);
      return Promise.resolve(isNew);
    },
    newest: (tenant, name) => Promise.resolve(of(tenant, name).at(-1)),
    version: (tenant, name, version) => Promise.resolve(of(tenant, name).find((one) => one.version === version)),
    list: () => Promise.resolve([]),
    versions: (tenant, name) => Promise.resolve(of(tenant, name)),
    remove(tenant, name) {
      kept.delete(`${tenant}/${name}`);
      return Promise.resolve(versions.delete(`${tenant}/${name}`));
    },
  };
}

/** In the order in which they were pushed last. */
export function fakeUploadedParts(): UploadedParts {
  const pushed: { tenant: string; part: UploadedPart }[] = [];
  const of = (tenant: string, name?: string) =>
    pushed.filter((one) => one.tenant === tenant && (name ?? one.part.manifest.name) === one.part.manifest.name);
  const names = (tenant: string) => [...new Set(of(tenant).map(({ part }) => part.manifest.name))].toSorted();
  const newest = (tenant: string, wanted: readonly string[]) =>
    names(tenant).flatMap((name) => (wanted.includes(name) ? (of(tenant, name).at(-1)?.part ?? []) : []));
  const drop = (found: readonly { tenant: string; part: UploadedPart }[]) => {
    for (const one of found) pushed.splice(pushed.indexOf(one), 1);
    return found.length > 0;
  };
  return {
    push(tenant, part) {
      const [known] = of(tenant, part.manifest.name).filter((one) => one.part.manifest.digest === part.manifest.digest);
      if (known) drop([known]);
      pushed.push(known ?? { tenant, part });
      return Promise.resolve(known === undefined);
    },
    newest: (tenant, wanted) => Promise.resolve(newest(tenant, wanted)),
    digests(tenant, wanted) {
      const found = wanted.flatMap(({ name, contract }) => {
        const last = of(tenant, name).findLast(({ part }) => contractOf(partInfo(part.manifest)) === contract);
        return last ? [[name, last.part.manifest.digest]] : [];
      });
      return Promise.resolve(Object.fromEntries(found));
    },
    names: (tenant) => Promise.resolve(names(tenant)),
    list: (tenant) => Promise.resolve(newest(tenant, names(tenant))),
    remove: (tenant, name) => Promise.resolve(drop(of(tenant, name))),
  };
}

const untold = (method: string) => () => Promise.reject(new Error(`nobody told the run object what to do on ${method}`));

/** `touched` lists the runs that were asked for anything. */
export function fakeRuns(answers: Partial<RunApi> = {}) {
  const touched: string[] = [];
  const calls: { method: string; args: unknown[] }[] = [];
  const noted = <A extends unknown[], R>(method: string, answer: (...args: A) => R) => {
    return (...args: A): R => {
      calls.push({ method, args });
      return answer(...args);
    };
  };
  const api: RunApi = {
    start: noted("start", answers.start ?? untold("start")),
    claim: noted("claim", answers.claim ?? untold("claim")),
    settle: noted("settle", answers.settle ?? untold("settle")),
    exchange: noted("exchange", answers.exchange ?? untold("exchange")),
    gathered: noted("gathered", answers.gathered ?? untold("gathered")),
    slot: noted("slot", answers.slot ?? untold("slot")),
    repair: noted("repair", answers.repair ?? untold("repair")),
    answer: noted("answer", answers.answer ?? untold("answer")),
    lookAtApproval: noted("lookAtApproval", answers.lookAtApproval ?? untold("lookAtApproval")),
    cancel: noted("cancel", answers.cancel ?? untold("cancel")),
    redrive: noted("redrive", answers.redrive ?? untold("redrive")),
    watch: noted("watch", answers.watch ?? untold("watch")),
    notify: noted("notify", answers.notify ?? untold("notify")),
    holds: noted("holds", answers.holds ?? untold("holds")),
    view: noted("view", answers.view ?? untold("view")),
    drawing: noted("drawing", answers.drawing ?? untold("drawing")),
    wait: noted("wait", answers.wait ?? untold("wait")),
    events: noted("events", answers.events ?? untold("events")),
    inlineValue: noted("inlineValue", answers.inlineValue ?? untold("inlineValue")),
  };
  const of = (_tenant: string, runId: string): RunApi => {
    touched.push(runId);
    return api;
  };
  return { of, touched, calls };
}

/** Every slot is free. */
export function fakeSlots(singleton: SingletonReply = { kind: "yours" }): Slots {
  return {
    of: () => ({
      acquire: () => Promise.resolve({ kind: "granted" }),
      release: () => Promise.resolve(),
      claimSingleton: () => Promise.resolve(singleton),
    }),
  };
}

export function fakeHints() {
  const sent: LaneHint[] = [];
  return {
    sent,
    send: (hints: readonly LaneHint[]) => Promise.resolve(void sent.push(...hints)),
    sendDeadLetters: () => Promise.resolve(),
  };
}

export const inlinePayloads = {
  put: (_tenant: string, _run: string, text: string) => Promise.resolve({ json: text }),
  get: (_tenant: string, _run: string, value: { json: string } | { sha256: string }) =>
    "json" in value ? Promise.resolve(value.json) : Promise.reject(new ArcrunError("value.missing", "gone")),
};

export const summary = (more: Partial<RunSummary> = {}): RunSummary => ({
  tenant: "default",
  runId: ids.runId("default", "1"),
  workflow: "w",
  version: "v1",
  status: "running",
  startedAt: 1000,
  endedAt: null,
  errorCode: null,
  seq: 1,
  ...more,
});

export const emptyPlan: Plan = {
  v: 1,
  workflow: "w",
  version: "v1",
  vertices: [],
  edges: [],
  run: { retentionMs: 1 },
  trigger: { kind: "key" },
};

export const runView = (more: Partial<RunView> = {}): RunView => ({
  summary: summary(),
  origin: { kind: "webhook", depth: 0 },
  input: { json: "{}" },
  output: { kind: "none" },
  response: null,
  error: null,
  waiting: [],
  steps: [],
  nextOffset: null,
  plan: emptyPlan,
  ...more,
});
