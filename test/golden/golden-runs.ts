/** Typical runs, each played to an interesting place by the commands of the ledger. Their logs are kept for ever (`golden-logs.ts`). */
import { claim } from "../../shared/ledger/claim.ts";
import { cancel, redrive } from "../../shared/ledger/control.ts";
import { exchange } from "../../shared/ledger/exchanges.ts";
import { notify, watch } from "../../shared/ledger/kin.ts";
import { slot } from "../../shared/ledger/slots.ts";
import { sweep } from "../../shared/ledger/sweep.ts";
import type { Plan } from "../../shared/model/plan.ts";
import { failed, type Play, play } from "../shared/ledger/play.ts";
import { type EdgeSpec, type NodeSpec, planOf } from "../simulation/graphs.ts";
import { compileSimulated } from "../simulation/loop-scenario.ts";
import { awaiting, branch, callback, itemsOf, later, LIMIT, line, open, PAUSING, say, SECOND, succeed, value } from "./golden-commands.ts";

const CHAIN = line([{ name: "a" }, { name: "b", effects: "idempotent" }, { name: "c", effects: "once" }]);

function nestedLoops(): Play {
  const effects = (component: string) => ({ component });
  const plan = compileSimulated({
    flow: ["input >> FOREACH x >> a", "a >> FOREACH y >> b", "b >> GATHER >> c", "c >> GATHER >> d"],
    config: { a: effects("pure"), b: effects("idempotent"), c: effects("pure"), d: effects("pure") },
    policy: { a: { foreach: { concurrency: 1 } } },
  });
  return play(plan, undefined, [itemsOf(0, 2)]);
}

function brokenLoop(): Play {
  const plan = compileSimulated({
    flow: ["input >> PIPE >> a", "a >> FOREACH x >> b", "b >> GATHER >> c"],
    config: { a: { component: "pure" }, b: { component: "pure" }, c: { component: "pure" } },
    policy: { a: { foreach: { concurrency: 2, on_item_failure: "continue" } } },
  });
  return play(plan);
}

const replanOf = (plan: Plan) => ({ plan, digests: {}, taken: plan.vertices[0]?.outgoing ?? [] });

export const GOLDEN_RUNS: Readonly<Record<string, () => Play>> = {
  chain() {
    const run = play(CHAIN);
    succeed(run, "a", "b", "c");
    return run;
  },
  "chain-going"() {
    const run = play(CHAIN);
    succeed(run, "a");
    run.take("b"); // its runner dies
    return run;
  },
  joins() {
    const join = (name: string, kind: "all" | "any" | "settled"): NodeSpec => ({ name, join: { kind } });
    const nodes = [{ name: "a" }, { name: "b" }, { name: "c" }, join("all", "all"), join("any", "any"), join("settled", "settled")];
    const two: NodeSpec = { name: "two", join: { kind: "quorum", count: 2 } };
    const specs = [...nodes.slice(3), two].flatMap(({ name: to }) => ["a", "b", "c"].map((from): EdgeSpec => ({ from, to })));
    const run = play(planOf([...nodes, two], specs));
    succeed(run, "a", "b");
    run.end(run.take("c"), failed("paper.jam"));
    succeed(run, "any", "two");
    return run;
  },
  branches() {
    const to = (name: string, relation: EdgeSpec["relation"]): EdgeSpec => ({ from: "a", to: name, ...(relation ? { relation } : {}) });
    const specs = [
      to("yes", { kind: "branch", branch: "true" }),
      to("no", { kind: "branch", branch: "false" }),
      { from: "yes", to: "end" },
    ];
    const rescue: EdgeSpec = { from: "yes", to: "rescue", relation: { kind: "fail", code: "paper.jam" } };
    const run = play(planOf([{ name: "a" }, { name: "yes" }, { name: "no" }, { name: "end" }, { name: "rescue" }], [...specs, rescue]));
    branch(run, "a", "true");
    run.end(run.take("yes"), failed("paper.jam"));
    succeed(run, "rescue");
    return run;
  },
  retries() {
    const retry = { attempts: 3, backoff: "exponential", initialMs: 2 * SECOND, jitter: true } as const;
    const run = play(line([{ name: "a", effects: "idempotent", retry }, { name: "b" }]));
    run.end(run.take("a"), failed("egress.failed", true));
    later(run, 10 * SECOND);
    run.end(run.take("a"), failed("egress.failed", true));
    return run;
  },
  "pause-answered"() {
    const run = play(line([PAUSING, { name: "b" }]));
    run.end(run.take("ask"), callback("t1"));
    later(run, 30 * SECOND);
    say(run, "ask", 0);
    const again = run.take("ask");
    say(run, "ask", 1); // before the step has paused for it
    run.end(again, { kind: "paused", reason: "approval", taskId: "t2" });
    succeed(run, "ask", "b");
    return run;
  },
  "pause-for-store"() {
    const run = play(line([PAUSING, { name: "b", effects: "idempotent" }]));
    const away = (isCall: boolean) => ({
      ...callback(""),
      kind: "paused" as const,
      reason: "retry_backoff" as const,
      dueAt: run.clock.now + SECOND,
      ...(isCall ? { isCall: true as const } : {}),
    });
    run.end(run.take("ask"), away(true));
    later(run, 2 * SECOND);
    run.end(run.take("ask"), callback("t1"));
    say(run, "ask", 0);
    run.end(run.take("ask"), away(false)); // what was answered could not be read
    later(run, 2 * SECOND);
    succeed(run, "ask");
    run.end(run.take("b"), awaiting(["child"], true));
    notify(run.ledger, [{ step: "b", generation: 0, run: { runId: "child", life: 0 }, failed: false }]);
    run.end(run.take("b"), away(false));
    return run;
  },
  "pause-open"() {
    const run = play(line([PAUSING, { name: "b" }]));
    run.end(run.take("ask"), { kind: "paused", reason: "timer", dueAt: run.clock.now + SECOND, waitMs: 60 * SECOND });
    later(run, 2 * SECOND);
    run.end(run.take("ask"), { ...callback("t1"), kind: "paused", reason: "approval", schema: { type: "object" } });
    return run;
  },
  "pause-expired"() {
    const run = play(line([PAUSING, { name: "b" }]));
    run.end(run.take("ask"), callback("t1"));
    later(run, 601 * SECOND);
    sweep(run.ledger);
    return run;
  },
  exchanges() {
    const run = play(line([PAUSING, { name: "b" }]));
    const first = run.take("ask");
    exchange(run.ledger, first, run.clock.now, [value("one"), value("two")]);
    run.end(first, { kind: "yielded", results: [value("three")] });
    const sleeps = { kind: "paused", reason: "timer", isCall: true, waitMs: SECOND, dueAt: run.clock.now + SECOND } as const;
    run.end(run.take("ask"), { ...sleeps, results: [value("four")] });
    later(run, 2 * SECOND);
    run.end(run.take("ask"), { kind: "paused", reason: "callback", isCall: true, results: [value("five")] });
    say(run, "ask", 0);
    return run;
  },
  "loops-nested"() {
    const run = nestedLoops();
    for (const item of [0, 1]) {
      open(run, `a[${item}]`, itemsOf(1, 2));
      succeed(run, `b[${item}][0]`, `b[${item}][1]`, `c[${item}]`);
    }
    succeed(run, "d");
    return run;
  },
  "loops-going"() {
    const run = nestedLoops();
    open(run, "a[0]", itemsOf(1, 3));
    succeed(run, "b[0][0]");
    run.take("b[0][1]"); // its runner dies
    return run;
  },
  "loop-with-failures"() {
    const run = brokenLoop();
    open(run, "a", itemsOf(0, 3));
    run.end(run.take("b[0]"), failed("paper.jam"));
    succeed(run, "b[1]");
    return run;
  },
  children() {
    const run = play(line([PAUSING, { name: "b" }]), { kind: "run", depth: 1, parentRunId: "p", owner: { step: "call", generation: 0 } });
    watch(run.ledger, { runId: "p", step: "call", generation: 0 });
    run.end(run.take("ask"), awaiting(["x", "y"], true));
    notify(run.ledger, [{ step: "ask", generation: 0, run: { runId: "x", life: 0 }, failed: true }]);
    return run;
  },
  "children-cancelled"() {
    const run = play(line([PAUSING, { name: "b" }]));
    watch(run.ledger, { runId: "p", step: "call", generation: 0 });
    run.end(run.take("ask"), awaiting(["x", "y"], true));
    later(run, SECOND);
    cancel(run.ledger, "a person");
    return run;
  },
  slots() {
    const run = play(
      line([
        { ...PAUSING, concurrency: LIMIT },
        { name: "b", concurrency: LIMIT },
      ]),
    );
    run.end(run.take("ask"), { kind: "paused", reason: "concurrency", dueAt: run.clock.now + 600 * SECOND, note: "behind others" });
    slot(run.ledger, "ask", null);
    succeed(run, "ask");
    run.end(run.take("b"), { kind: "paused", reason: "concurrency", dueAt: run.clock.now + 600 * SECOND, note: "behind others" });
    return run;
  },
  "slot-of-the-run"() {
    const run = play(line([{ name: "a" }, { name: "b" }], { concurrency: LIMIT }));
    const [prologue] = [...(run.ledger.state?.live ?? [])];
    const assignment = run.take(prologue?.key ?? "");
    run.end(assignment, { kind: "succeeded", output: value({ success: true, data: { ...LIMIT, lease: assignment.lease } }), taken: [] });
    succeed(run, "a");
    return run;
  },
  redrive() {
    const run = play(CHAIN);
    succeed(run, "a");
    run.end(run.take("b"), failed());
    later(run, 60 * SECOND);
    redrive(run.ledger, { confirm: true });
    return run;
  },
  "redrive-on-a-version"() {
    const run = play(CHAIN);
    succeed(run, "a");
    run.end(run.take("b"), failed());
    later(run, 60 * SECOND);
    const plan = line([{ name: "a" }, { name: "b", effects: "idempotent", timeoutMs: 20_000 }, { name: "d" }]);
    redrive(run.ledger, { confirm: true, newPlan: replanOf({ ...plan, version: "1".repeat(64) }) });
    return run;
  },
  "unknown-outcome"() {
    const run = play(line([{ name: "a", effects: "once", onUnknown: "hold" }, { name: "b" }]));
    run.take("a");
    const after = run.reopen("boot-2"); // the process died
    later(run, SECOND);
    claim(after.ledger, ["a"]);
    return after;
  },
  "timed-out"() {
    const run = play(line([PAUSING, { name: "b" }], { timeoutMs: 20 * SECOND }));
    run.end(run.take("ask"), callback("t1"));
    later(run, 21 * SECOND);
    sweep(run.ledger);
    return run;
  },
  cancelled() {
    const run = play(CHAIN);
    succeed(run, "a");
    cancel(run.ledger, "a person");
    return run;
  },
  "final-callback"() {
    const run = play(line([{ name: "a" }], { finalCallback: "https://example.com/done" }));
    run.end(run.take("a"), failed("paper.jam"));
    return run;
  },
};
