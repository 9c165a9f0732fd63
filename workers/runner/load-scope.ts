/** Fetches what the claim named: values, items, and what was gathered of loops that have ended. */
import { ArcrunError } from "../../shared/model/errors.ts";
import { MAX_GATHERED_BYTES } from "../../shared/model/limits.ts";
import type { Value } from "../../shared/model/log.ts";
import type { ScopeSource } from "../../shared/model/scope.ts";
import type { Assignment, Gathered } from "../../shared/run-api.ts";
import type { RunnerDeps } from "./deps.ts";

/** Large answers of one page are fetched so many at a time. */
const MAX_FETCHES = 16;

type Seen = Pick<ScopeSource, "input" | "nodes" | "gathered" | "loops">;

/** Throws `foreach.results_too_large`, `value.missing`. */
export async function loadScope({ run, scope }: Assignment, deps: RunnerDeps): Promise<Seen> {
  const text = (value: Value): Promise<string> => deps.payloads.get(run.tenant, run.id, value);
  const load = async (value: Value): Promise<unknown> => JSON.parse(await text(value));
  const object = deps.runs.of(run.tenant, run.id);
  const [input, nodes, loops] = await Promise.all([
    scope.input === null ? undefined : load(scope.input),
    Promise.all(scope.nodes.map(async ({ name, value }) => ({ name, answer: await load(value) }))),
    Promise.all(
      scope.loops.map(async ({ variable, index, count, value }) => ({
        variable,
        index,
        count,
        ...(value === null ? {} : { item: await load(value) }),
      })),
    ),
  ]);
  const gathered: Seen["gathered"][number][] = [];
  // One after the other: together they may have no more than one of them.
  const budget = { bytes: MAX_GATHERED_BYTES };
  for (const one of scope.gathered) gathered.push(await gather(one, budget, object, text, deps));
  return { input, nodes, gathered, loops };
}

async function gather(
  { name, key, item, count }: Gathered,
  budget: { bytes: number },
  object: ReturnType<RunnerDeps["runs"]["of"]>,
  text: (value: Value) => Promise<string>,
  deps: RunnerDeps,
): Promise<Seen["gathered"][number]> {
  const results: unknown[] = [];
  let failed = 0;
  while (results.length < count) {
    deps.counters.objectCall();
    const page = await object.gathered(key, item, results.length);
    if (page.answers.length === 0) throw new Error(`the run has no more than ${results.length} of ${count} answers of ${key}`);
    budget.bytes -= page.answers.reduce((sum, value) => sum + sizeOf(value), 0);
    if (budget.bytes < 0) {
      const message = `the gathered answers of "${name}" have more than ${MAX_GATHERED_BYTES} bytes; let its items answer less, or write them to where they belong`;
      throw new ArcrunError("foreach.results_too_large", message);
    }
    for (let from = 0; from < page.answers.length; from += MAX_FETCHES) {
      const some = page.answers
        .slice(from, from + MAX_FETCHES)
        .map(async (value) => (value === null ? null : JSON.parse(await text(value))));
      results.push(...(await Promise.all(some)));
    }
    failed += page.failed;
  }
  return { name, results, failed };
}

const sizeOf = (value: Value | null): number => (value === null ? 4 : "json" in value ? value.json.length : value.bytes);
