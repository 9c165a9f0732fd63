import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SlotWish } from "../../../shared/slots/slot-api.ts";
import { acquire, openSlots, release, type SlotLedger } from "../../../shared/slots/slot-ledger.ts";
import { heard, nextQuestionAt, questions } from "../../../shared/slots/slot-questions.ts";
import { createMemorySlots } from "../../../shared/slots/slot-store.ts";

const T0 = 1_700_000_000_000;
const LEASE_MS = 60_000;
const ASK_MS = 5000;
/** What a lost message may cost: a question, and a second one for who was handed what it does not take. */
const REPAIRED_MS = 10_000;

type Worker = { readonly name: string; lease: number; state: "idle" | "asked" | "at work" | "dead" | "done"; until: number; boot: string };

/** Steps that want slots of one key, and a world that loses what it can. */
function createWorld(limit: number, names: readonly string[]) {
  const store = createMemorySlots();
  const clock = { now: T0, boot: "b1", isFull: false };
  const open = (): SlotLedger =>
    openSlots({
      store: { all: () => store.all(), write: (changes) => (clock.isFull ? refuse() : store.write(changes)) },
      now: () => clock.now,
      boot: clock.boot,
      askMs: ASK_MS,
    });
  const world = {
    clock,
    ledger: open(),
    workers: new Map(names.map((name): [string, Worker] => [name, { name, lease: 0, state: "idle", until: 0, boot: "" }])),
    granted: [] as string[],
    reopen: () => (world.ledger = open()),
    atWork: () =>
      [...world.workers.values()].filter(({ state, until, boot }) => state === "at work" && until > clock.now && boot === clock.boot),
    ask(name: string, isHeard: boolean): void {
      const worker = world.workers.get(name);
      if (worker === undefined || worker.state === "done" || worker.state === "at work") return;
      worker.lease += 1;
      worker.state = "asked";
      const { kind } = acquire(world.ledger, wishOf(worker, limit));
      if (kind !== "granted" || !isHeard) return;
      world.granted.push(name);
      Object.assign(worker, { state: "at work", until: clock.now + LEASE_MS, boot: clock.boot });
      expect(world.atWork().length, "at work at once").toBeLessThanOrEqual(limit);
    },
    end(name: string, isReleased: boolean): void {
      const worker = world.workers.get(name);
      if (worker?.state !== "at work") return;
      worker.state = "done";
      if (isReleased) release(world.ledger, { runId: name, step: "s", lease: worker.lease });
    },
    /** The alarm: each question reaches its run unless it is lost; who is woken comes. */
    ring(isLost: () => boolean): void {
      for (const question of questions(world.ledger)) {
        if (isLost()) continue;
        const worker = world.workers.get(question.runId);
        const isComing = worker?.state === "asked" || worker?.state === "idle";
        const isGoing = question.lease === null ? isComing : worker?.state === "at work" && worker.lease === question.lease;
        heard(world.ledger, question, isGoing);
        if (question.lease === null && isComing) world.ask(question.runId, true);
      }
    },
  };
  return world;
}

function refuse(): never {
  throw new Error("the disk is full");
}

const wishOf = ({ name, lease }: Worker, limit: number): SlotWish => ({
  tenant: "t",
  runId: name,
  step: "s",
  workflow: "w",
  node: "n",
  lease,
  limit,
  forMs: LEASE_MS,
});

const NAMES = ["a", "b", "c", "d", "e", "f"];
const event = fc.oneof(
  fc.record({ kind: fc.constant("ask" as const), name: fc.constantFrom(...NAMES), isHeard: fc.boolean() }),
  fc.record({ kind: fc.constant("end" as const), name: fc.constantFrom(...NAMES), isReleased: fc.boolean() }),
  fc.record({ kind: fc.constant("late release" as const), name: fc.constantFrom(...NAMES), back: fc.nat(2) }),
  fc.record({ kind: fc.constant("die" as const), name: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant("ring" as const), isLost: fc.boolean() }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(30_000) }),
  fc.record({ kind: fc.constantFrom("reopen" as const, "reboot" as const, "refuse" as const) }),
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

function happen(world: ReturnType<typeof createWorld>, one: Event): void {
  const { clock, workers } = world;
  switch (one.kind) {
    case "ask":
      return world.ask(one.name, one.isHeard);
    case "end":
      return world.end(one.name, one.isReleased);
    case "late release":
      return release(world.ledger, { runId: one.name, step: "s", lease: (workers.get(one.name)?.lease ?? 0) - 1 - one.back });
    case "die":
      return void Object.assign(workers.get(one.name) ?? {}, { state: "done" });
    case "ring":
      return world.ring(() => one.isLost);
    case "pass":
      return void (clock.now += one.ms);
    case "reopen":
      return void world.reopen();
    case "reboot":
      clock.boot += "+";
      for (const worker of workers.values()) if (worker.state === "at work") worker.state = "asked"; // claimed anew
      return void world.reopen();
    case "refuse":
      clock.isFull = true;
      try {
        acquire(world.ledger, wishOf({ name: "x", lease: 1, state: "idle", until: 0, boot: "" }, 1));
      } catch {
        // the caller tries again
      }
      clock.isFull = false;
  }
}

describe("the slots of a key", () => {
  it("are never given to more than the limit, and whatever is lost, everybody who wants one has one in the end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(event, { maxLength: 60 }), (limit, events) => {
        const world = createWorld(limit, NAMES);
        for (const one of events) happen(world, one);
        // From here on nothing is lost: whoever is at work ends, the alarm rings when it wants to.
        for (const name of NAMES) world.ask(name, true);
        for (let turn = 0; turn < 40; turn += 1) {
          for (const { name } of [...world.workers.values()].filter(({ state }) => state === "at work")) world.end(name, true);
          const due = nextQuestionAt(world.ledger);
          if (due !== Number.POSITIVE_INFINITY) world.clock.now = Math.max(world.clock.now, due);
          world.ring(() => false);
        }
        expect([...world.workers.values()].filter(({ state }) => state !== "done")).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it("go to the next within seconds when the release was lost", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.nat(20_000), fc.boolean(), (limit, ms, isReopened) => {
        const world = createWorld(limit, NAMES);
        for (const name of NAMES) world.ask(name, true);
        world.clock.now += ms;
        world.ring(() => false);
        const [first] = world.granted;
        world.end(first ?? "", false);
        const endedAt = world.clock.now;
        if (isReopened) world.reopen();
        for (let turn = 0; turn < 100 && world.granted.length === limit; turn += 1) {
          world.clock.now = Math.max(world.clock.now, nextQuestionAt(world.ledger));
          world.ring(() => false);
        }
        expect(world.granted.length).toBe(limit + 1);
        expect(world.clock.now - endedAt).toBeLessThanOrEqual(REPAIRED_MS);
      }),
    );
  });

  it("go to the next within seconds when the word that woke it was lost", () => {
    const world = createWorld(1, ["a", "b"]);
    for (const name of ["a", "b"]) world.ask(name, true);
    world.end("a", true);
    world.ring(() => true);
    expect([world.granted, nextQuestionAt(world.ledger) - world.clock.now]).toEqual([["a"], 3000]);
    world.clock.now += 3000;
    world.ring(() => false);
    expect(world.granted).toEqual(["a", "b"]);
  });

  it("are void at once when their process is gone", () => {
    const world = createWorld(1, ["a", "b"]);
    for (const name of ["a", "b"]) world.ask(name, true);
    world.clock.boot = "b2";
    world.reopen();
    world.ask("b", true);
    expect(world.granted).toEqual(["a", "b"]);
  });

  it("go to who came first, whoever asks again in between", () => {
    const world = createWorld(1, NAMES);
    for (const name of ["a", "b", "c", "d"]) world.ask(name, true);
    for (const name of ["d", "c", "b"]) world.ask(name, true);
    for (const name of ["a", "b", "c", "d"]) {
      world.end(name, true);
      world.ask("f", true);
      world.reopen();
      world.ring(() => false);
    }
    expect(world.granted).toEqual(["a", "b", "c", "d", "f"]);
  });

  it("are told apart by who waits: how many come before it, and when to ask again", () => {
    const world = createWorld(1, NAMES);
    for (const name of ["a", "b", "c"]) world.ask(name, true);
    world.clock.now += 40_000;
    expect(acquire(world.ledger, { ...wishOf({ name: "c", lease: 9, state: "asked", until: 0, boot: "" }, 1) })).toEqual({
      kind: "waiting",
      holders: [{ runId: "a", workflow: "w", node: "n" }],
      held: 1,
      ahead: 1,
      lookAgainMs: 40_000,
    });
  });
});
