/** What arrived in the queues; see `workerd-options.ts`. */
import { vi } from "vitest";
import { testEnv } from "./workerd-env.ts";

export type Arrived = { readonly queue: string; readonly body: unknown };

let marks = 0;

/** Everything that was sent so far and not yet looked at. A mark that is sent behind it tells when it is all there. */
export async function drainQueues(): Promise<readonly Arrived[]> {
  const mark = `mark ${(marks += 1)}`;
  const queues = [testEnv.STEPS, testEnv.IO, testEnv.DEAD_LETTERS];
  await Promise.all(queues.map((queue) => queue.send(mark)));
  const arrived: Arrived[] = [];
  await vi.waitFor(async () => {
    const response = await testEnv.TAP.fetch("http://tap/");
    arrived.push(...(await response.json<Arrived[]>()));
    if (arrived.filter(({ body }) => body === mark).length < queues.length) throw new Error("messages are still under way");
  }, 5000);
  return arrived.filter(({ body }) => !String(body).startsWith("mark "));
}
