/** A workflow that the engine starts by itself, every minute: however often it is killed, each minute is one run. */
const NAME = "kill_ticks";
const MINUTE_MS = 60_000;
/** A firing that is younger than this may still be on its way. */
const LATE_MS = 20_000;

const ticks = {
  name: NAME,
  description: "started every minute",
  flow: ["input >> ON_SUCCESS >> said"],
  config: { said: { component: "set", values: { n: "{{input.n}}" } } },
  schedule: [{ cron: "* * * * *", timezone: "Asia/Taipei", input: { n: 7 }, overlap: "allow", catch_up: "last" }],
};

/** Resolves to when they were planned. */
export async function pushTicks(client) {
  await client.push(ticks);
  return Date.now();
}

/** `{ due, problems }`: how many minutes were due since then, and what is wrong with them. */
export async function judgeTicks(client, since) {
  const get = async (path) => (await client.call("GET", path)).json;
  const { runs } = await get(`/runs?workflow=${NAME}&limit=200`);
  const all = await Promise.all(runs.map(({ run_id: id }) => get(`/runs/${id}`)));
  const found = new Map();
  const problems = [];
  for (const { run_id: id, status, output, origin } of all) {
    const at = Date.parse(origin?.scheduled_at);
    if (found.has(at)) problems.push(`${origin.scheduled_at} is two runs: ${found.get(at)} and ${id}`);
    if (origin?.kind !== "schedule" || status !== "succeeded" || output?.n !== 7)
      problems.push(`${id} is ${status}: ${JSON.stringify({ origin, output })}`);
    found.set(at, id);
  }
  const first = Math.ceil(since / MINUTE_MS) * MINUTE_MS;
  let due = 0;
  for (let at = first; at <= Date.now() - LATE_MS; at += MINUTE_MS, due++)
    if (!found.has(at)) problems.push(`${new Date(at).toISOString()} was never started`);
  for (const at of found.keys()) if (at < first || at % MINUTE_MS !== 0) problems.push(`${new Date(at).toISOString()} was not due`);
  return { due, problems };
}
