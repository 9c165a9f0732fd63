/**
 * Durable code: the agent of examples/workflows/agent.yaml lives through SIGKILLs of the engine's whole process group: in its sleeps, in its wait
 * for a person, in a request that is under way, and while its child runs. What a service has answered is never asked again.
 *
 *   node test/durability/agent.mjs        The last line is `N passed, N failed`.
 */
import { readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { createClient, request } from "../../bench/client.mjs";
import { newEngineSettings, spawnEngine } from "../../bench/engine.mjs";

const TIME_LIMIT_MS = 150_000;
const LOOK_WITHIN_MS = 30_000;
const REST = "3s";
/** What the model says, in turn. */
const THOUGHTS = [{ ask: "What is it about?" }, { research: "the weather of next week" }, { answer: "Take an umbrella." }];

const example = (name) => parse(readFileSync(new URL(`../../examples/workflows/${name}.yaml`, import.meta.url), "utf8"));

/** It rests first: a child that ends at once is never met by a kill. */
const slowly = ({ flow, config, ...workflow }) => ({
  ...workflow,
  flow: ["input >> ON_SUCCESS >> rest", ...flow.map((line) => line.replace(/^input /, "rest "))],
  config: { rest: { component: "wait", duration: REST }, ...config },
});

async function main() {
  setTimeout(() => fail(`it took longer than ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS).unref();
  const world = await openWorld();
  const settings = await newEngineSettings(`127.0.0.1:${world.port}`);
  const client = createClient({ url: `http://127.0.0.1:${settings.port}`, apiKey: settings.apiKey });
  let engine = await started(settings);
  const killAndStart = async () => {
    await engine.kill();
    await sleep(300);
    engine = await started(settings);
  };
  for (const definition of [slowly(example("research")), example("agent")]) await client.push(definition);
  const base = `http://127.0.0.1:${world.port}`;
  const id = await client.trigger("agent", { goal: "tell me what to wear", model: `${base}/model`, inbox: `${base}/inbox`, rest: REST });

  await until(() => world.isHeld, "the first thought is asked for");
  await killAndStart(); // in a request that is under way
  await until(() => world.questions.length > 0, "a person is asked");
  await waits(client, id, "callback");
  await killAndStart(); // in the wait for a person
  const said = await request(world.questions[0].answer_at, { method: "POST" }, { data: { said: "Trees." } });
  await waits(client, id, "timer");
  await killAndStart(); // in the first sleep
  await waits(client, id, "child_runs");
  await killAndStart(); // while its child runs
  await waits(client, id, "timer");
  await killAndStart(); // in the second sleep
  const run = await client.waitRun(id, LOOK_WITHIN_MS);
  const trace = await client.steps(id);
  await engine.stop();
  world.close();
  client.close();
  rmSync(settings.home, { recursive: true, force: true, maxRetries: 5 });
  report(world, { said, run, step: trace.find(({ node }) => node === "agent") });
}

async function started(settings) {
  const engine = spawnEngine(settings);
  await engine.ready;
  return engine;
}

/** The model and the inbox, which honour idempotency keys. The first request is not answered: the engine is killed meanwhile. */
async function openWorld() {
  const world = { isHeld: false, answered: [], keys: [], questions: [] };
  const answers = new Map();
  const server = http.createServer((incoming, response) => {
    serve(world, answers, incoming, response).catch((error) => fail(error.stack));
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  world.port = server.address().port;
  world.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return world;
}

async function serve(world, answers, incoming, response) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const key = incoming.headers["idempotency-key"];
  world.keys.push(key);
  if (!world.isHeld) {
    world.isHeld = true;
    return;
  }
  if (!answers.has(key)) {
    const isQuestion = incoming.url === "/inbox";
    if (isQuestion) world.questions.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    const thoughts = world.answered.filter(({ url }) => url === "/model").length;
    answers.set(key, isQuestion ? {} : THOUGHTS[Math.min(thoughts, THOUGHTS.length - 1)]);
    world.answered.push({ url: incoming.url, key });
  }
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(answers.get(key)));
}

async function until(isMet, what) {
  for (const deadline = Date.now() + LOOK_WITHIN_MS; !(await isMet()); await sleep(20))
    if (Date.now() > deadline) throw new Error(`not within ${LOOK_WITHIN_MS / 1000} s: ${what}`);
}

async function waits(client, id, reason) {
  let run;
  const isMet = async () => (run = await client.run(id)).waiting.some((wait) => wait.reason === reason);
  await until(isMet, `the agent waits: ${reason}`).catch((error) => {
    throw new Error(
      `${error.message}; the run: ${JSON.stringify({ ...run, trace: run?.trace?.map(({ events }) => events.map(({ type }) => type)) })}`,
    );
  });
}

function report(world, { said, run, step }) {
  const urls = world.answered.map(({ url }) => url);
  const checks = [
    ["the agent comes to its answer", run.status === "succeeded" && run.output.answer === "Take an umbrella." && run.output.turns === 3],
    [
      "it knows what the person said, and what its child found",
      isDeepStrictEqual(run.output?.notes?.map(Object.keys), [
        ["asked", "said"],
        ["research", "found"],
      ]),
    ],
    ["the person's answer is taken once", said.status === 200 && said.json.resumed === true],
    ["nothing that was answered is asked again", isDeepStrictEqual(urls, ["/model", "/inbox", "/model", "/model"])],
    ["only the request that was cut off came again, under its own key", world.keys.length === 5 && world.keys[0] === world.keys[1]],
    [
      "the trace tells of its pauses, and of one attempt",
      step.events.filter(({ type }) => type === "step.paused").length >= 4 && step.attempt === 1,
    ],
  ];
  for (const [what, isRight] of checks) console.log(`${isRight ? "ok    " : "FAILED"} ${what}`);
  const failed = checks.filter(([, isRight]) => !isRight).length;
  if (failed > 0)
    console.log(
      JSON.stringify(
        { run: { ...run, trace: undefined }, urls, keys: world.keys, said: said.text, events: step.events.map(({ type }) => type) },
        null,
        2,
      ),
    );
  console.log(`${checks.length - failed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

function fail(reason) {
  console.log(`${reason}\n0 passed, 1 failed`);
  process.exit(1);
}

main().catch((error) => fail(error.stack));
