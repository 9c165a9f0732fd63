/** A queue that does not answer is nobody's who starts a run (A9). */
import { expect, it } from "vitest";
import { createStartRate } from "../../../shared/start-rate.ts";
import { type StartDeps, startRun } from "../../../shared/start-run.ts";
import { emptyPlan, fakeHints, fakeRuns, fakeSlots, fakeUploadedParts, ids, inlinePayloads } from "../fake-stores.ts";
import { accept } from "./fake-ingress.ts";

const never = (): Promise<never> => new Promise(() => undefined);

it("a start is answered while the queue and the index are silent, and what they are told is left to the background", async () => {
  const deps: StartDeps = {
    ids,
    runs: fakeRuns({ start: accept }),
    payloads: inlinePayloads,
    hints: { ...fakeHints(), send: never },
    teller: { tell: never },
    slots: fakeSlots(),
    startRate: createStartRate(10, () => 0),
    uploadedParts: fakeUploadedParts(),
    newUnique: () => "one",
    now: () => 0,
  };
  const later: Promise<unknown>[] = [];
  const wish = {
    tenant: "default",
    workflow: { name: "w", plan: emptyPlan },
    inputJson: "{}",
    origin: { kind: "webhook", depth: 0 },
  } as const;
  const started = await startRun(deps, wish, (work) => later.push(work));
  expect([started.replay, later.length]).toEqual([false, 1]);
});
