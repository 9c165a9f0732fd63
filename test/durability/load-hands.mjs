/**
 * More load of the kill test: what people and callers do to a run that is under way, and what runs long within one step. `hand` is done to a run
 * once it is accepted, again and again over all kills, until it has taken hold.
 */
import { setTimeout as sleep } from "node:timers/promises";

const PART = "kill_part";
const SECRET = "KILL_KEY";
const AGAIN_MS = 100;
const line = (names) => names.slice(1).map((name, i) => `${names[i]} >> ON_SUCCESS >> ${name}`);
const call = (url, step) => ({ component: "http_request", method: "POST", url: `${url}/effects/${step}`, body_json: { n: "{{input.n}}" } });
const soon = { retry: { attempts: 8, backoff: "constant", initial: "300ms" } };
const define = (name, body) => ({ name, description: "load of the kill test", ...body });

/** A person says yes; what was told before the question is told once. */
const approval = (url) =>
  define("kill_approval", {
    flow: line(["input", "tell", "ask", "said"]),
    config: {
      tell: call(url, "tell"),
      ask: { component: "approval", title: "May run {{input.n}} go on?" },
      said: { component: "set", values: { n: "{{input.n}}", approved: "{{ask.data.approved}}" } },
    },
    policy: { tell: soon },
  });

/** A function that calls out, sleeps, waits for a callback and calls out again: each of it once, however often it is begun anew. */
const code = (url) =>
  define("kill_code", {
    flow: line(["input", "agent"]),
    config: {
      agent: {
        component: "code",
        input: { n: "{{input.n}}", url },
        code: `
          const effect = (step) => arcrun.http({ method: "POST", url: input.url + "/effects/" + step, body_json: { n: input.n } });
          const one = (await effect("one")).json.took;
          await arcrun.sleep("300ms");
          const callback_url = await arcrun.callbackUrl();
          await arcrun.http({ method: "POST", url: input.url + "/tasks", body_json: { task: input.n, callback_url } });
          const said = await arcrun.callback({ timeout: "10m" });
          return { n: input.n, echo: said.echo, took: [one, (await effect("two")).json.took] };`,
      },
    },
    policy: { agent: { ...soon, timeout: "2m" } },
  });

/** A job that is asked after until it is done. */
const poll = (url) =>
  define("kill_poll", {
    flow: line(["input", "job", "said"]),
    config: {
      job: {
        component: "poll_task",
        request: { url: `${url}/jobs/{{input.n}}` },
        every: "200ms",
        done_when: 'json.state == "done"',
        timeout: "10m",
      },
      said: { component: "set", values: { n: "{{input.n}}", job: "{{job.data.json.n}}" } },
    },
    policy: { job: soon },
  });

/** It fails for good, and goes on where it failed when somebody redrives it. */
const redrive = (url) =>
  define("kill_redrive", {
    flow: line(["input", "before", "broken", "said"]),
    config: {
      before: call(url, "before"),
      broken: { ...call(url, "mended"), url: `${url}/mended/mended` },
      said: { component: "set", values: { n: "{{input.n}}", took: "{{broken.data.json.took}}" } },
    },
    policy: { before: soon, broken: { retry: { attempts: 1 } } },
  });

/** It waits for long and is cancelled: nothing behind the wait ever happens. */
const cancel = (url) =>
  define("kill_cancel", {
    flow: line(["input", "tell", "nap", "never"]),
    config: { tell: call(url, "tell"), nap: { component: "wait", duration: "1h" }, never: call(url, "never") },
    policy: { tell: soon },
  });

/** A part that a tenant brought, and a request with a secret: the outside takes it only with the right one. */
const brought = (url) =>
  define("kill_brought", {
    flow: line(["input", "part", "tell", "said"]),
    config: {
      part: { component: PART, n: "{{input.n}}" },
      tell: { ...call(url, "secret"), url: `${url}/secret/secret`, headers: { authorization: `Bearer {{credential.${SECRET}}}` } },
      said: { component: "set", values: { n: "{{input.n}}", twice: "{{part.data.twice}}", took: "{{tell.data.json.took}}" } },
    },
    policy: { tell: soon },
  });

/** What some of it needs before it can be pushed. */
export async function prepareHands({ client, url, apiKey, outside, secret }) {
  const form = new FormData();
  const manifest = { name: PART, summary: "Doubles", category: "Text", version: "1.0.0", effects: "pure", input: {}, output: {} };
  form.set("manifest", JSON.stringify(manifest));
  const source = "export default ({ n }) => ({ success: true, data: { twice: 2 * n } });";
  form.set("source", new Blob([source], { type: "application/javascript" }), "part.js");
  const pushed = await fetch(`${url}/parts`, { method: "POST", headers: { "x-arcrun-api-key": apiKey }, body: form });
  if (!pushed.ok) throw new Error(`the part was not taken: ${pushed.status} ${await pushed.text()}`);
  const kept = await client.call("PUT", `/credentials/${SECRET}`, { value: secret, hosts: [outside] });
  if (kept.status > 299) throw new Error(`the secret was not taken: ${kept.status} ${kept.text}`);
}

export function createHands(url) {
  return [
    { definition: approval(url), output: (n) => ({ n, approved: true }), effects: ["tell"], hand: approve },
    { definition: code(url), output: (n) => ({ n, echo: n, took: ["one", "two"] }), effects: ["one", "ask", "two"] },
    { definition: poll(url), output: (n) => ({ n, job: n }), effects: [] },
    { definition: redrive(url), output: (n) => ({ n, took: "mended" }), effects: ["before", "mended"], hand: redriveOnce },
    { definition: cancel(url), status: "cancelled", effects: ["tell"], hand: cancelOnce },
    { definition: brought(url), output: (n) => ({ n, twice: 2 * n, took: "secret" }), effects: ["secret"] },
  ].map((work) => ({ name: work.definition.name, ...work }));
}

/** Undefined: nobody answered, or said that it is to be tried again. */
async function tried(ask) {
  const answer = await ask().catch(() => undefined);
  return answer?.status === 503 ? undefined : answer;
}

/** `step` is given the run as it is until it says that it is over. */
async function until({ client, isClosed }, id, step) {
  while (!isClosed()) {
    const answer = await tried(() => client.call("GET", `/runs/${id}`));
    if (answer?.status === 200 && (await step(answer.json))) return;
    await sleep(AGAIN_MS);
  }
}

/** Each time with the same words; every third person presses twice. */
function approve(world, run) {
  let pressed = 0;
  return until(world, run.id, async ({ status, waiting }) => {
    const wait = waiting.find(({ reason }) => reason === "approval");
    run.approvalUrl ??= wait?.approval_url;
    if (run.approvalUrl === undefined) return status === "succeeded";
    const answer = await tried(() => world.client.call("POST", new URL(run.approvalUrl).pathname, { approved: true }));
    if (answer === undefined) return false;
    if (answer.status !== 200) run.complaint = `the approval was answered ${answer.status} ${answer.text.slice(0, 200)}`;
    return answer.status !== 200 || ++pressed >= (run.n % 3 === 0 ? 2 : 1);
  });
}

/** An answer that a kill cut off may have taken hold: then the run is going, or has succeeded. */
const redriveOnce = (world, run) =>
  until(world, run.id, async ({ status }) => {
    if (status === "succeeded") return true;
    if (status !== "failed") return false;
    const answer = await tried(() => world.client.call("POST", `/runs/${run.id}/redrive`, {}));
    if (answer !== undefined && answer.status !== 202)
      run.complaint = `the redrive was answered ${answer.status} ${answer.text.slice(0, 200)}`;
    return run.complaint !== undefined;
  });

/** Not before it has told the outside: then its effect is certain, and what must not come is still far. */
const cancelOnce = (world, run) =>
  until(world, run.id, async ({ status, waiting }) => {
    if (status === "cancelled") return true;
    if (!waiting.some(({ reason }) => reason === "timer")) return false;
    const answer = await tried(() => world.client.call("POST", `/runs/${run.id}/cancel`, { reason: "the kill test" }));
    if (answer !== undefined && answer.status !== 200 && answer.json?.code !== "run_terminal")
      run.complaint = `the cancellation was answered ${answer.status} ${answer.text.slice(0, 200)}`;
    return run.complaint !== undefined;
  });
