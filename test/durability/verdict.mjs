/** Judges a kill test: from the last word of every run, and from the outside world's own log. Prints one line for each check. */
import { isDeepStrictEqual } from "node:util";

const SHOWN = 5;
/** What a test must have done to prove anything, per cycle. */
const RUNS_PER_CYCLE = 4;
const KILLS_AT_WORK = 0.6;

/** `{ passed, failed }` */
export function judge({ runs, kills, outside, ticks }, cycles) {
  const effects = outside.effects();
  const tally = { passed: 0, failed: 0 };
  const check = (title, problems, note = "") => {
    tally[problems.length === 0 ? "passed" : "failed"]++;
    console.log(`${problems.length === 0 ? "ok    " : "FAILED"} ${title}${note && ` (${note})`}`);
    for (const problem of problems.slice(0, SHOWN)) console.log(`       ${problem}`);
    if (problems.length > SHOWN) console.log(`       and ${problems.length - SHOWN} more`);
  };
  const accepted = runs.filter(({ id }) => id !== undefined);
  const atWork = kills.filter((at) => accepted.some(({ last }) => isAtWork(last, at)));

  check(
    "every delivery is accepted in the end",
    runs.flatMap(({ n, refusal }) => (refusal ? `run ${n}: ${refusal}` : [])),
    `${accepted.length} runs`,
  );
  check("every accepted run succeeds", accepted.filter(({ last }) => last?.status !== "succeeded").map(describe));
  check(
    "every run has the right output",
    accepted.filter(isWrong).map((run) => `${describe(run)} gave ${JSON.stringify(run.last?.output)}`),
  );
  check(
    "a delivery that is sent again is the same run",
    accepted.filter(({ ids }) => ids.size > 1).map(({ n, ids }) => `run ${n}: ${[...ids].join(", ")}`),
    `${accepted.filter(({ tries }) => tries > 1).length} were cut off by a kill`,
  );
  check(
    "every effect is there, under one idempotency key",
    effectProblems(accepted, effects),
    `${effects.length} effects, ${outside.counts.repeated} asked for again with their key`,
  );
  check(
    "every callback is taken",
    callbackProblems([...outside.tasks.values()]),
    `${outside.tasks.size} tasks, ${outside.counts.callbacksCutOff} calls met no engine`,
  );
  check("a schedule fires once each time that it is due", ticks.problems, `${ticks.due} minutes`);
  check("the engine was not idle", accepted.length < cycles * RUNS_PER_CYCLE ? [`only ${accepted.length} runs in ${cycles} cycles`] : []);
  check(
    "the kills met work in flight",
    atWork.length < kills.length * KILLS_AT_WORK ? [`only ${atWork.length} of ${kills.length}`] : [],
    `${atWork.length} of ${kills.length} kills`,
  );
  check(
    "a crash cut steps off between their effect and its result",
    cycles >= 10 && outside.counts.repeated === 0 ? ["no effect was asked for twice"] : [],
  );
  return tally;
}

const isAtWork = (run, at) => run !== undefined && Date.parse(run.started_at) <= at && !(Date.parse(run.ended_at) <= at);
const isWrong = ({ n, work, last }) => last?.status === "succeeded" && !isDeepStrictEqual(last.output, work.output(n));

function describe({ n, id, work, last }) {
  const open = (last?.trace ?? []).filter(({ status }) => status !== "succeeded").map(({ node, status }) => `${node} ${status}`);
  return `run ${n} (${work.name}, ${id}) is ${last?.status} ${JSON.stringify(last?.error ?? null)} [${open.join(", ")}]`;
}

function effectProblems(accepted, effects) {
  const keys = new Map();
  const usedBy = new Map();
  const problems = [];
  for (const { key, run, step } of effects) {
    const place = `run ${run}, ${step}`;
    if (usedBy.has(key)) problems.push(`one key for ${usedBy.get(key)} and ${place}`);
    usedBy.set(key, place);
    keys.set(place, [...(keys.get(place) ?? []), key]);
  }
  for (const [place, found] of keys) if (found.length > 1) problems.push(`${place}: ${found.length} keys: ${found.join(", ")}`);
  for (const { n, work } of accepted) {
    for (const step of work.effects) if (!keys.has(`run ${n}, ${step}`)) problems.push(`run ${n}, ${step}: no effect`);
  }
  const known = new Set(accepted.map(({ n }) => n));
  for (const { run, step } of effects) if (!known.has(run)) problems.push(`run ${run}, ${step}: an effect of a run that nobody accepted`);
  return problems;
}

function callbackProblems(tasks) {
  return tasks.flatMap(({ id, n, answers }) => {
    const bad = answers.find(({ status }) => status !== 200);
    if (bad) return [`${id} of run ${n}: ${bad.status} ${bad.text.slice(0, 200)}`];
    return answers.length === 0 ? [`${id} of run ${n} got no answer`] : [];
  });
}
