/** A run in its real object whose network a test answers, and how the test executes its steps one by one. */
import { createTestRunner } from "./workerd-runner.ts";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import type { Plan } from "../../shared/model/plan.ts";
import { fakeTransport } from "./fake-transport.ts";
import { claimed, started } from "./workerd-runs.ts";

export type NetworkAnswer = () => Response;
export const broken: NetworkAnswer = () => {
  throw new TypeError("connection reset");
};

/** A run whose network answers in turn; `go` executes a step that is due. */
export async function networkRun(name: string, plan: Plan, ...answers: readonly NetworkAnswer[]) {
  const { transport, sent } = fakeTransport(...answers);
  const { deps } = createTestRunner({ transport: async (request) => transport(request) });
  const object = await started(name, plan);
  const go = async (step: string) => executeAndSettle([await claimed(object.run, step)], deps);
  const waits = async () => (await object.run.view({ offset: 0, limit: 0 }))?.waiting ?? [];
  const step = async (key: string) => (await object.run.view({ offset: 0, limit: 50 }))?.steps.find((one) => one.key === key);
  return { ...object, sent, deps, go, waits, step };
}
export const dataOf = (output: unknown): unknown =>
  (output as { json: string } | null) && JSON.parse((output as { json: string }).json).data; // of a small value
