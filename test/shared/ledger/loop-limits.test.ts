import { expect, it } from "vitest";
import { sweep } from "../../../shared/ledger/sweep.ts";
import { claim } from "../../../shared/ledger/claim.ts";
import { settle } from "../../../shared/ledger/settle.ts";
import { MAX_STEPS_PER_RUN } from "../../../shared/model/limits.ts";
import type { Plan } from "../../../shared/model/plan.ts";
import { compile, set } from "../../support/definitions.ts";
import { failed, play } from "./play.ts";

/** More items at once than a workflow may ask for, so that the test is a short one. */
const wide = (concurrency: number): Plan => {
  const plan = compile({ flow: ["input >> FOREACH a >> x"], config: { x: set({ v: "{{a}}" }) } });
  return { ...plan, loops: (plan.loops ?? []).map((loop) => ({ ...loop, concurrency })) };
};
const items = (count: number) => [{ loop: 0, items: Array.from({ length: count }, () => ({ json: "0" })) }];

it("a run that grows beyond its number of steps fails, and says so", () => {
  const within = play(wide(MAX_STEPS_PER_RUN), undefined, items(MAX_STEPS_PER_RUN - 1)); // the start is a step, too
  expect(within.ledger.state?.ended).toBeUndefined();
  const beyond = play(wide(MAX_STEPS_PER_RUN), undefined, items(MAX_STEPS_PER_RUN));
  expect(beyond.ledger.state?.ended).toMatchObject({ status: "failed", error: { code: "run.too_many_steps" } });
});

it("a list in which all items fail sends the first hundred letters, and its alarm the same ones again", () => {
  const run = play(wide(150), undefined, items(150));
  const told = Array.from({ length: 150 }, (_, index) => {
    const [reply] = claim(run.ledger, [`x[${index}]`]);
    if (reply?.kind !== "execute") throw new Error(`x[${index}] was not given out`);
    const { step, generation, attempt, lease } = reply;
    const outcome = { step, generation, attempt, lease, startedAt: run.clock.now, fuel: 1, result: failed() };
    return settle(run.ledger, [outcome]).deadLetters.map(({ id }) => id);
  }).flat();
  const again = sweep(run.ledger).deadLetters.map(({ id }) => id);
  expect([told.length, new Set(told).size, again]).toEqual([100, 100, told]);
});
