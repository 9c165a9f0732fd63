/** Messages that no runner can use, among good ones: they block nobody, and what cannot be read is found on the desk, all of it (A5, A7). */
import { expect, it, vi } from "vitest";
import type { Runs } from "../../shared/ports.ts";
import { consume } from "../../workers/runner/consume.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import type { RunnerDeps } from "../../workers/runner/deps.ts";
import { createPrng } from "../simulation/prng.ts";
import { fakeRuns } from "../workers/fake-stores.ts";
import { createTestRunner, deliver, hintFor, settled } from "../support/workerd-runner.ts";
import { chain, eventsOf, ids, objectOf, runIdOf, started } from "../support/workerd-runs.ts";
import { drainQueues } from "../support/workerd-tap.ts";
import { testEnv } from "../support/workerd-env.ts";

const ONE = chain("one");
const DONE = [["run.started"], ["step.succeeded", "one"], ["run.ended"]];
const BATCH = 100;
const steps = (bodies: readonly unknown[], deps: RunnerDeps) => deliver("arcrun-steps", bodies, (batch) => consume(batch, stepsLane, deps));
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const lettersOnDesk = async () => (await testEnv.DB.prepare("SELECT count(*) AS n FROM dead_letters").first<{ n: number }>())?.n;

/** Nobody can read these. */
const UNREADABLE: readonly unknown[] = [
  null,
  7,
  "",
  "{",
  [],
  {},
  { v: 1 },
  { ...hintFor("good 0", "one"), v: 0 },
  { ...hintFor("good 0", "one"), v: "1" },
  { ...hintFor("good 0", "one"), step: "" },
  { ...hintFor("good 0", "one"), step: "x".repeat(513) },
  { ...hintFor("good 0", "one"), run: { id: "run_1" } },
  { ...hintFor("good 0", "one"), tenant: "t".repeat(129) },
  { tenant: "default", run: runIdOf("good 0"), step: ["one"], v: 1 },
];
/** These can be read and mean nothing: runs that nobody has, of somebody else, and steps that are not there. */
const MEANINGLESS: readonly unknown[] = [
  { ...hintFor("good 0", "one"), run: "run_1" },
  { ...hintFor("good 0", "one"), run: `${runIdOf("good 0").slice(0, -1)}!` },
  { ...hintFor("good 0", "one"), tenant: "other" },
  { ...hintFor("good 0", "one"), tenant: "__proto__" },
  { v: 1, tenant: "other", run: ids.runId("other", "nobody started it"), step: "one" },
  hintFor("never started", "one"),
  hintFor("good 0", "two"),
  hintFor("good 0", "constructor"),
  hintFor("good 0", "one[3]"),
];

it("a thousand messages, nine of ten of them poison: the good ones all end, and the desk has each that cannot be read once", async () => {
  const random = createPrng(5);
  const good = range(BATCH).map((index) => hintFor(`good ${index}`, "one"));
  const runs = await Promise.all(good.map((_, index) => started(`good ${index}`, ONE)));
  const poison = range(900).map(() => (random.chance(0.7) ? random.pick(UNREADABLE) : random.pick(MEANINGLESS)));
  const unreadable = poison.filter((body) => UNREADABLE.includes(body)).length;
  const bodies = [...good, ...poison].map((body) => ({ body, place: random.next() })).toSorted((one, other) => one.place - other.place);
  const { deps, counted, logged } = createTestRunner();
  for (const batch of range(bodies.length / BATCH)) {
    const part = bodies.slice(batch * BATCH, (batch + 1) * BATCH).map(({ body }) => body);
    const queue = `arcrun-steps-${batch}`; // the names of the messages begin anew in each
    const { explicitAcks, ...rest } = await deliver(queue, part, (messages) => consume(messages, stepsLane, deps));
    expect([explicitAcks.length, rest]).toEqual([BATCH, expect.objectContaining({ outcome: "ok", retryMessages: [] })]);
  }
  expect(await Promise.all(runs.map(({ stub }) => eventsOf(stub)))).toEqual(runs.map(() => DONE));
  expect([await lettersOnDesk(), logged]).toEqual([unreadable, []]);
  expect([counted.filter((what) => what === "set succeeded").length, counted.filter((what) => what === "dead letter").length]).toEqual([
    BATCH,
    unreadable,
  ]);
  expect(await eventsOf(objectOf("never started").stub)).toEqual([]);
  await drainQueues();
});

it("ninety-nine good messages and one whose run does not answer: only that one comes again, and no sibling is done twice", async () => {
  const names = range(BATCH).map((index) => `sibling ${index}`);
  const runs = await Promise.all(names.map((name) => started(name, ONE)));
  const broken = runIdOf("sibling 41");
  const { runs: real } = createTestRunner().deps;
  const failing = fakeRuns({ claim: () => Promise.reject(new Error("the object broke")) });
  const of: Runs["of"] = (tenant, id) => (id === broken ? failing.of(tenant, id) : real.of(tenant, id));
  const { deps, counted } = createTestRunner({ runs: { of } });
  const acks = range(BATCH).filter((index) => index !== 41);
  expect(
    await steps(
      names.map((name) => hintFor(name, "one")),
      deps,
    ),
  ).toEqual(
    settled(
      acks.map((index) => `m${index}`),
      [{ msgId: "m41", delaySeconds: 2 }],
    ),
  );
  const whole = createTestRunner();
  await steps([hintFor("sibling 41", "one")], whole.deps);
  expect(await Promise.all(runs.map(({ stub }) => eventsOf(stub)))).toEqual(runs.map(() => DONE));
  expect([counted, whole.counted]).toEqual([acks.map(() => "set succeeded"), ["set succeeded"]]);
  await drainQueues();
});

it("a desk that does not answer costs the neighbours of a poisoned message nothing", async () => {
  const base = createTestRunner().deps;
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => (answer = resolve));
  const { deps } = createTestRunner({ index: { ...base.index, addDeadLetters: () => asked } });
  const { stub } = await started("neighbour", ONE);
  const consumed = steps(["nonsense", hintFor("neighbour", "one")], deps);
  await vi.waitFor(async () => expect(await eventsOf(stub)).toEqual(DONE));
  answer();
  expect(await consumed).toEqual(settled(["m0", "m1"]));
});
