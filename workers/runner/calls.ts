/** The calls a part may make of its host. Each is granted by the manifest; the result is JSON, an error is a result, too. */
import { z } from "zod";
import { ArcrunError, type ErrorInfo, toErrorInfo } from "../../shared/model/errors.ts";
import { evaluate, parseExpression } from "../../shared/model/expression.ts";
import { MAX_CALLS_PER_STEP } from "../../shared/model/limits.ts";
import type { PartManifest } from "../../shared/part-manifest.ts";
import { schemaProblems } from "../../shared/schema-problems.ts";
import type { RunnerDeps } from "./deps.ts";
import type { Attempt } from "./attempt.ts";
import { HttpRequest } from "./http-request.ts";
import { sendRequest } from "./send-request.ts";

const Call = z.discriminatedUnion("call", [
  z.object({ call: z.literal("http_request"), request: z.unknown().optional() }),
  z.object({ call: z.literal("evaluate"), expression: z.string(), scope: z.record(z.string(), z.unknown()) }),
  z.object({ call: z.literal("validate_schema"), schema: z.unknown().optional(), value: z.unknown().optional() }),
]);
type Call = z.infer<typeof Call>;

const encoder = new TextEncoder();

/** `index` counts the calls of this attempt from 0. Throws only what must end the attempt: a call that is not granted, time. */
export async function performCall(
  request: Uint8Array,
  index: number,
  manifest: PartManifest,
  attempt: Attempt,
  deps: RunnerDeps,
): Promise<Uint8Array> {
  const parsed = Call.safeParse(parseJson(request));
  if (!parsed.success || !manifest.calls.includes(parsed.data.call)) {
    throw new ArcrunError(
      "part.call_denied",
      `the part "${manifest.name}" made a call that its manifest does not grant; granted: ${manifest.calls.join(", ") || "none"}`,
    );
  }
  const result = await resultOf(parsed.data, index, manifest, attempt, deps).catch(asResult);
  return encoder.encode(JSON.stringify(result));
}

async function resultOf(call: Call, index: number, manifest: PartManifest, attempt: Attempt, deps: RunnerDeps): Promise<unknown> {
  switch (call.call) {
    case "evaluate":
      return { value: evaluate(parseExpression(call.expression, new Set(Object.keys(call.scope))), call.scope) };
    case "validate_schema":
      return { errors: schemaProblems(call.schema, call.value) };
    case "http_request":
      return callHttp(call.request, index, manifest, attempt, deps);
  }
}

/** R4: the key is the same for all attempts of the step, another for each call and each poll. */
export async function callHttp(
  request: unknown,
  index: number,
  manifest: Pick<PartManifest, "httpHosts">,
  attempt: Attempt,
  deps: RunnerDeps,
): Promise<unknown> {
  const { run, step, generation, wait } = attempt.assignment;
  const parsed = HttpRequest.safeParse(request);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ArcrunError(
      "http.invalid_request",
      `the request cannot be sent: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unknown"}`,
    );
  }
  return sendRequest(
    parsed.data,
    {
      tenant: run.tenant,
      runId: run.id,
      idempotencyKey: deps.ids.idempotencyKey(run.tenant, run.id, step, generation, wait * MAX_CALLS_PER_STEP + index),
      hosts: manifest.httpHosts,
      deadline: attempt.deadline,
    },
    deps,
  );
}

function asResult(thrown: unknown): { readonly error: ErrorInfo } {
  // The time of the attempt is over: the part is not asked what it makes of it.
  if (!(thrown instanceof ArcrunError) || thrown.code === "part.timed_out") throw thrown;
  return { error: toErrorInfo(thrown) };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return undefined;
  }
}
