/** A workflow is deployed again and again while its runs are started: each keeps to the graph that it began with. */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { inParallel, range } from "../../bench/client.mjs";

const VERSIONS = 5;
const DEPLOY_EVERY_MS = 1000;
const START_EVERY_MS = 80;
const NAME = "upgrade_deployed";

const nodesOf = (version) => ["first", "nap", "last"].map((node) => `${node}_${version}`);

/** All names are those of the version, so that a step of another one is seen. It sleeps over the next deployment. */
function definitionOf(version) {
  const [first, nap, last] = nodesOf(version);
  return {
    name: NAME,
    description: `version ${version}`,
    flow: [`input >> ON_SUCCESS >> ${first}`, `${first} >> ON_SUCCESS >> ${nap}`, `${nap} >> ON_SUCCESS >> ${last}`],
    config: {
      [first]: { component: "set", values: { version } },
      [nap]: { component: "wait", ms: 1500 },
      [last]: { component: "set", values: { version: `{{${first}.data.version}}`, by: version } },
    },
  };
}

/** `{ problems, note }` */
export async function deployUnderLoad(client) {
  const deployed = { begun: 0, done: 0, isOver: false };
  const runs = [];
  const deploy = async (version) => {
    deployed.begun = version;
    await client.push(definitionOf(version));
    deployed.done = version;
  };
  await deploy(1);
  const starts = startRuns(client, deployed, runs);
  for (const version of range(VERSIONS)
    .slice(1)
    .map((i) => i + 1)) {
    await sleep(DEPLOY_EVERY_MS);
    await deploy(version);
  }
  await sleep(DEPLOY_EVERY_MS / 2);
  deployed.isOver = true;
  await starts;
  const found = await inParallel(runs, 8, (run) => judge(client, run));
  const versions = new Set(found.map(({ version }) => version));
  const missing = versions.size < VERSIONS ? [`only ${versions.size} versions were run`] : [];
  return { problems: [...missing, ...found.flatMap(({ problem }) => problem ?? [])], note: `${runs.length} runs of ${VERSIONS} versions` };
}

async function startRuns(client, deployed, runs) {
  for (; !deployed.isOver; await sleep(START_EVERY_MS)) {
    const from = deployed.done;
    const id = await client.trigger(NAME, {});
    runs.push({ id, from, to: deployed.begun });
  }
}

async function judge(client, { id, from, to }) {
  const run = await client.waitRun(id, 20_000);
  const version = run.output?.by;
  const steps = await client.steps(id);
  const nodes = steps.map(({ node }) => node).filter((node) => node !== "input");
  const isRight =
    run.status === "succeeded" &&
    version >= from &&
    version <= to &&
    isDeepStrictEqual(run.output, { version, by: version }) &&
    isDeepStrictEqual(nodes, nodesOf(version));
  return {
    version,
    problem: isRight ? undefined : `${id} (versions ${from} to ${to}) is ${run.status}, ${JSON.stringify(run.output)}: ${nodes.join()}`,
  };
}
