/**
 * `node test/hostile/memory.mjs [rounds] [at once]`: the memory of the engine of `npm start` under bodies that are large, have no length, or never end. Prints the
 * resident memory of workerd and of the supervisor after each round; ends with 1 if the last round stands more than 200 MB above the second.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { newEngineSettings, spawnEngine } from "../../bench/engine.mjs";

const ROUNDS = Number(process.argv[2] ?? 5);
const AT_ONCE = Number(process.argv[3] ?? 100);
const BODY = Buffer.from(JSON.stringify({ text: "x".repeat(10 * 1024 * 1024 - 20) }));
const REFUSED_REQUESTS = 10 * AT_ONCE;
const MAX_GROWTH_MB = 200;
const SETTLES_MS = 3000;
const PIECE = 64 * 1024;

const settings = await newEngineSettings();
const engine = spawnEngine(settings);
const url = new URL(await engine.ready);
const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });

/** Resolves to the status, or to what broke. */
function post(path, { body, isChunked = false, key = settings.apiKey, hangsUp = false }) {
  return new Promise((resolve) => {
    const length = isChunked ? {} : { "content-length": hangsUp ? BODY.length : body.length };
    const headers = { "content-type": "application/json", "x-arcrun-api-key": key, ...length };
    const request = http.request(
      { agent: hangsUp ? undefined : agent, host: url.hostname, port: url.port, method: "POST", path, headers },
      (response) => {
        response.resume();
        response.once("end", () => resolve(response.statusCode));
        response.once("error", (error) => resolve(error.code));
      },
    );
    request.once("error", (error) => resolve(error.code));
    if (hangsUp) {
      request.write(body.subarray(0, PIECE)); // and no more
      setTimeout(() => request.destroy(), SETTLES_MS);
    } else if (isChunked) {
      for (let at = 0; at < body.length; at += PIECE) request.write(body.subarray(at, at + PIECE));
      request.end();
    } else request.end(body);
  });
}
const many = (count, once) => Promise.all(Array.from({ length: count }, (_, n) => once(n)));
function tally(answers) {
  const counts = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return JSON.stringify(counts);
}

/** Of every process of the engine's group, in MB. */
function resident() {
  const sizes = { workerd: 0, node: 0 };
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
      if (group !== engine.pid) continue;
      const kind = /\((.*)\)/.exec(stat)?.[1] === "workerd" ? "workerd" : "node";
      sizes[kind] += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
    } catch {
      // it has ended meanwhile
    }
  }
  return { workerd: Math.round(sizes.workerd), node: Math.round(sizes.node) };
}

const TRIGGER = "/webhooks/named/none/trigger";
const sizes = [];
try {
  console.log("at the start", resident());
  for (let round = 1; round <= ROUNDS; round += 1) {
    const started = Date.now();
    const whole = await many(AT_ONCE, () => post("/validate", { body: BODY }));
    const chunked = await many(AT_ONCE, () => post(TRIGGER, { body: BODY, isChunked: true }));
    const slow = await many(AT_ONCE, () => post("/validate", { body: BODY, hangsUp: true }));
    const refused = [];
    for (let n = 0; n < REFUSED_REQUESTS; n += AT_ONCE)
      refused.push(
        ...(await many(AT_ONCE, (i) =>
          post(TRIGGER, { body: Buffer.from(`{"n":[${"[".repeat(n + i)}`), key: `ak_${String(n + i).padStart(48, "0")}` }),
        )),
      );
    await sleep(SETTLES_MS);
    sizes.push(resident());
    console.log(`round ${round}, ${Date.now() - started} ms`, sizes.at(-1), ...[whole, chunked, slow, refused].map(tally));
  }
} finally {
  await engine.kill();
  rmSync(settings.home, { recursive: true, force: true });
}
const [from, to] = [sizes[Math.min(1, sizes.length - 1)], sizes.at(-1)];
process.exit(Math.max(to.workerd - from.workerd, to.node - from.node) > MAX_GROWTH_MB ? 1 : 0);
