/**
 * What a cycle of the kill test does to the engine. Each fault leaves it running and answering, or throws.
 *
 * `kill`    the whole process group gets SIGKILL, every fourth time once more while it starts
 * `workerd` the runtime alone gets SIGKILL: the supervisor has to bring another one back
 * `freeze`  the whole process group stands still for some seconds, as on a laptop that sleeps or a machine that swaps
 * `hang`    the runtime alone stands still and nobody wakes it: the supervisor has to notice, kill it and bring another one back
 */
import { setTimeout as sleep } from "node:timers/promises";

const SHARES = { kill: 0.5, workerd: 0.25, freeze: 0.17, hang: 0.08 };
const FREEZES_AT_MOST_MS = 8000;
const BACK_WITHIN_MS = 90_000;

export const FAULTS = Object.keys(SHARES);

/** The first two cycles are a kill and a death of workerd, so that the shortest test has both. */
export function chooseFault(cycle, random, allowed) {
  const first = { 1: "kill", 2: "workerd" }[cycle];
  let left = random() * allowed.reduce((sum, fault) => sum + SHARES[fault], 0);
  const drawn = allowed.find((fault) => (left -= SHARES[fault]) < 0) ?? allowed[0];
  return allowed.includes(first) ? first : drawn;
}

/** SIGKILL or SIGSTOP for workerd alone; resolves to how long nobody answered, when another workerd answers. */
export async function loseWorkerd(engine, client, signal) {
  const pid = engine.workerdPid();
  if (pid === undefined) throw new Error("the engine answers, but no workerd is among its processes");
  const lostAt = performance.now();
  process.kill(pid, signal);
  for (const deadline = Date.now() + BACK_WITHIN_MS; Date.now() < deadline; await sleep(50)) {
    const now = engine.workerdPid();
    if (now !== undefined && now !== pid && (await isAnswering(client))) return performance.now() - lostAt;
  }
  throw new Error(`the supervisor did not bring workerd back within ${BACK_WITHIN_MS / 1000} s after ${signal}`);
}

const isAnswering = (client) =>
  client.call("GET", "/health").then(
    ({ status }) => status === 200,
    () => false,
  );

/** Everything of the engine stands still; it is the same engine afterwards. */
export async function freeze(engine, client, random) {
  const before = engine.workerdPid();
  engine.signal("SIGSTOP");
  await sleep(random() * FREEZES_AT_MOST_MS);
  engine.signal("SIGCONT");
  for (const deadline = Date.now() + BACK_WITHIN_MS; Date.now() < deadline; await sleep(50)) if (await isAnswering(client)) break;
  if (engine.workerdPid() !== before) throw new Error("a freeze of the whole engine cost it its workerd");
}
