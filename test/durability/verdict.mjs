/** Judges a kill test: from the last word of every run, and from the outside world's own log. Prints one line for each check. */
import { isDeepStrictEqual } from "node:util";

const SHOWN = 5;
/** What a test must have done to prove anything, per cycle. */
const RUNS_PER_CYCLE = 4;
const KILLS_AT_WORK = 0.6;

/** `check(title, problems, note)` prints a line and counts it in `tally`. */
export function openVerdict() {
  const tally = { passed: 0, failed: 0 };
  const check = (title, problems, note = "") => {
    tally[problems.length === 0 ? "passed" : "failed"]++;
    console.log(`${problems.length === 0 ? "ok    " : "FAILED"} ${title}${note && ` (${note})`}`);
    for (const problem of problems.slice(0, SHOWN)) console.log(`       ${problem}`);
    if (problems.length > SHOWN) console.log(`       and ${problems.length - SHOWN} more`);
  };
  return { tally, check };
}

/** What must be true of all runs, whatever happened to the engine. */
export function judgeRuns(check, { runs, load, outside }) {
  const accepted = acceptedOf(runs);
  const effects = outside.effects();
  check(
    "every delivery is accepted in the end",
    runs.flatMap(({ n, refusal }) => (refusal ? `run ${n}: ${refusal}` : [])),
    `${accepted.length} runs`,
  );
  check("every accepted run ends as it must", accepted.filter((run) => run.last?.status !== wantedStatus(run)).map(describe));
  check(
    "every run has the right output",
    accepted.filter(isWrong).map((run) => `${describe(run)} gave ${JSON.stringify(run.last?.output)}`),
  );
  check("no step is charged for what was not its fault", accepted.flatMap(chargeProblems));
  check(
    "a delivery that is sent again is the same run",
    accepted.filter(({ ids }) => ids.size > 1).map(({ n, ids }) => `run ${n}: ${[...ids].join(", ")}`),
    `${accepted.filter(({ tries }) => tries > 1).length} were sent more than once`,
  );
  check(
    "every effect is there, under one idempotency key, and no other",
    effectProblems(accepted, effects),
    `${effects.length} effects, ${outside.counts.repeated} asked for again with their key`,
  );
  check(
    "every callback is taken",
    callbackProblems([...outside.tasks.values()]),
    `${outside.tasks.size} tasks, ${outside.counts.callbacksCutOff} calls met no engine`,
  );
  check(
    "who approves, redrives or cancels is understood",
    accepted.flatMap(({ n, work, complaint }) => (complaint ? `run ${n} (${work.name}): ${complaint}` : [])),
  );
  check(
    "the secret is right wherever it is asked for",
    outside.counts.wrongSecrets > 0 ? [`${outside.counts.wrongSecrets} times not`] : [],
  );
  const missing = load.filter((work) => !accepted.some((run) => run.work === work && run.last?.status === wantedStatus(run)));
  check(
    "each kind of load had runs that ended",
    missing.map(({ name }) => name),
    tallyOf(accepted),
  );
}

/** `{ passed, failed }` */
export function judge({ runs, load, kills, outside, ticks }, cycles) {
  const { tally, check } = openVerdict();
  judgeRuns(check, { runs, load, outside });
  const accepted = acceptedOf(runs);
  const atWork = kills.filter((at) => accepted.some(({ last }) => isAtWork(last, at)));
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

const acceptedOf = (runs) => runs.filter(({ id }) => id !== undefined);
const wantedStatus = ({ work }) => work.status ?? "succeeded";

function tallyOf(runs) {
  const counts = new Map();
  for (const { work } of runs) counts.set(work.name, (counts.get(work.name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name.replace("kill_", "")} ${count}`).join(", ");
}

/** An attempt is charged when the outside refused it, and for nothing else. */
const chargeProblems = ({ n, work, last }) =>
  (last?.trace ?? []).flatMap(({ node, attempt }) =>
    attempt > 1 + (work.refusals?.[node] ?? 0) ? [`run ${n} (${work.name}): ${node} had ${attempt} attempts`] : [],
  );

const isAtWork = (run, at) => run !== undefined && Date.parse(run.started_at) <= at && !(Date.parse(run.ended_at) <= at);
const isWrong = ({ n, work, last }) =>
  work.output !== undefined && last?.status === "succeeded" && !isDeepStrictEqual(last.output, work.output(n));

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
  const known = new Map(accepted.map(({ n, work }) => [n, work]));
  for (const { run, step } of effects)
    if (known.get(run)?.effects.includes(step) === false) problems.push(`run ${run}, ${step}: an effect that must not be`);
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
