/**
 * The reference daemon: takes a long task, answers at once, and calls back when it is done.
 *
 *   POST /tasks      {task: "a text" | {text, pace_ms?}, callback_url}  →  202 {status: "running", task_id}
 *                    the same Idempotency-Key again  →  the same task, which is not run twice
 *   GET /tasks/:id   {task_id, status: running | done | failed, progress, delivered}
 *   then             POST callback_url {task_id, success: true, data} or {task_id, success: false, error: {code, message}}
 *
 * Tasks are kept in memory, the newest 1,000: a daemon whose tasks must survive its own restart writes them down first.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { analyse } from "./analyse.ts";
import { deliver, type DeliverDeps } from "./deliver.ts";

const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_TASKS = 1000;

const textTask = z.union([
  z.string().transform((text) => ({ text, pace_ms: 0 })),
  z.object({ text: z.string(), pace_ms: z.int().min(0).max(10_000).default(0) }),
]);
const order = z.object({ task: textTask, callback_url: z.url({ protocol: /^https?$/ }) });

type Task = { readonly task_id: string; status: "running" | "done" | "failed"; progress: number; delivered: boolean | undefined };

export function createDaemon(deps: DeliverDeps): Hono {
  const tasks = new Map<string, Task>();
  const byKey = new Map<string, Task>();
  const app = new Hono();
  app.get("/health", (c) => c.json({ status: "ok" }));
  app.get("/tasks/:id", (c) => {
    const task = tasks.get(c.req.param("id"));
    return task ? c.json(task) : c.json({ error: "there is no such task" }, 404);
  });
  app.post("/tasks", bodyLimit({ maxSize: MAX_BODY_BYTES }), async (c) => {
    const parsed = order.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 422);
    const key = c.req.header("idempotency-key");
    const known = key === undefined ? undefined : byKey.get(key);
    const task: Task = known ?? { task_id: `task_${randomUUID()}`, status: "running", progress: 0, delivered: undefined };
    if (!known) {
      keep(tasks, task.task_id, task);
      if (key !== undefined) keep(byKey, key, task);
      void perform(task, parsed.data, deps);
    }
    return c.json({ status: "running", task_id: task.task_id }, 202);
  });
  return app;
}

async function perform(
  task: Task,
  { task: { text, pace_ms: paceMs }, callback_url: callbackUrl }: z.output<typeof order>,
  deps: DeliverDeps,
) {
  const { task_id } = task;
  const onProgress = (done: number) => {
    task.progress = done;
  };
  const answer = await analyse(text, { paceMs, onProgress, pause: deps.pause }).then(
    (data) => ({ task_id, success: true, data }),
    (error: unknown) => ({ task_id, success: false, error: { code: "daemon.failed", message: String(error) } }),
  );
  task.status = answer.success ? "done" : "failed";
  task.delivered = await deliver(callbackUrl, answer, deps);
}

/** A map remembers the order of its entries, so the first one is the oldest. */
function keep<T>(map: Map<string, T>, key: string, value: T) {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MAX_TASKS && oldest !== undefined) map.delete(oldest);
}

/** Listens on 127.0.0.1; port 0 takes a free one. Resolves to the port. */
export function startDaemon(port: number, log: (text: string) => void): Promise<number> {
  const app = createDaemon({ fetch, pause: (ms) => sleep(ms), log });
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, (address) => resolve(address.port));
  });
}
