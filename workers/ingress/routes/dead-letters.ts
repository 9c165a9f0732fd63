/** The dead-letter desk: what failed for good and was not handled. */
import { z } from "zod";
import { json, type KeyedCall, type Route } from "../../../shared/http/http-app.ts";
import { pageLimit, readFields } from "../../../shared/http/parse-request.ts";
import { notFound } from "../../../shared/http/problem.ts";
import type { DeadLetter } from "../../../shared/message.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { EPILOGUE_KEY } from "../../../shared/model/epilogue.ts";
import { errorJson, isoTime } from "../../../shared/run-json.ts";
import type { IngressDeps } from "../deps.ts";
import { redriveAnswer } from "./run-control.ts";

export const deadLetterRoutes: readonly Route<IngressDeps>[] = [
  { method: "GET", path: "/dead-letters", scope: "read", handle: list },
  { method: "GET", path: "/dead-letters/:id", scope: "read", handle: show },
  { method: "POST", path: "/dead-letters/:id/redrive", scope: "trigger", handle: redrive },
];

const Redrive = z.object({ confirm: z.boolean().optional(), dry_run: z.boolean().optional() });

const letterJson = ({ id, runId, workflow, node, step, error, fingerprint, at }: DeadLetter) => ({
  id,
  run_id: runId,
  workflow,
  node,
  step,
  error: errorJson(error),
  fingerprint,
  at: isoTime(at),
});

async function list(deps: IngressDeps, { query, key }: KeyedCall): Promise<Response> {
  const [workflow, cursor] = [query.get("workflow"), query.get("cursor")];
  const { letters, nextCursor } = await deps.index.deadLetters(key.tenant, {
    limit: pageLimit(query),
    ...(workflow === null ? {} : { workflow }),
    ...(cursor === null || cursor === "" ? {} : { cursor }),
  });
  return json({ dead_letters: letters.map(letterJson), groups: groupsOf(letters), next_cursor: nextCursor });
}

/** Of the page: how often each failure lies there, the most frequent first. */
function groupsOf(letters: readonly DeadLetter[]): readonly Record<string, unknown>[] {
  const groups = new Map<string, { readonly first: DeadLetter; readonly count: number }>();
  for (const letter of letters) {
    const group = groups.get(letter.fingerprint);
    groups.set(letter.fingerprint, { first: group?.first ?? letter, count: (group?.count ?? 0) + 1 });
  }
  return [...groups.values()]
    .toSorted((one, other) => other.count - one.count)
    .map(({ first, count }) => ({
      fingerprint: first.fingerprint,
      count,
      workflow: first.workflow,
      node: first.node,
      code: first.error.code,
    }));
}

async function ownLetter(deps: IngressDeps, { param, key }: KeyedCall): Promise<DeadLetter> {
  const letter = await deps.index.deadLetter(key.tenant, param("id"));
  if (!letter) throw notFound();
  return letter;
}

async function show(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  const letter = await ownLetter(deps, call);
  return json({ ...letterJson(letter), input: letter.input });
}

async function redrive(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  const { runId, step } = await ownLetter(deps, call);
  const { confirm, dry_run } = await readFields(Redrive, call.request);
  if (runId === null || step === null) throw new ArcrunError("run_not_redrivable", "no run came of this message; send it again");
  if (step === EPILOGUE_KEY)
    throw new ArcrunError(
      "run_not_redrivable",
      "the final callback is told of the end of its run; it is told again when the run is redriven",
    );
  const wish = { steps: [step], ...(confirm === undefined ? {} : { confirm }), ...(dry_run === undefined ? {} : { dryRun: dry_run }) };
  return redriveAnswer(deps, call, runId, await deps.runs.of(call.key.tenant, runId).redrive(wish));
}
