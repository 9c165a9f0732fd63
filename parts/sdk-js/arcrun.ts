import type { Host } from "./host.ts";
import type { Arcrun, HttpAnswer, HttpParams } from "./part.ts";
import { PartError } from "./part.ts";

type Fields = Readonly<Record<string, unknown>>;

const { parse, stringify } = JSON;

/** The calls of a part. To the part each is done when it returns, so promises are settled in the order of the calls. */
export function createArcrun(host: Host): Arcrun {
  // An async function, so that a failure rejects and does not throw.
  const call = async (request: Fields): Promise<unknown> => resultOf(parse(host.call(stringify(request))));
  return {
    call,
    http: async (request) => accepted(request, (await call({ call: "http_request", request })) as HttpAnswer), // what the host answers
    sleep: async (time) => {
      const until = typeof time === "object" ? time.until : undefined;
      return fieldsOf(await call({ call: "sleep", ...(until === undefined ? { for: time } : { until }) }))["slept_ms"] as number; // a host's answer
    },
    callback: async (options = {}) => {
      const { note, schema, timeout } = options;
      return fieldsOf(await call({ call: "callback", note, schema, timeout }))["data"];
    },
    callbackUrl: async () => fieldsOf(await call({ call: "callback_url" }))["url"] as string, // a host's answer
    run: async (workflow, input) => (await call({ call: "run", workflow, input })) as Awaited<ReturnType<Arcrun["run"]>>, // a host's answer
    limit: ({ fuel = Infinity, memory_mib: memoryMib = Infinity }) => host.limit(fuel, memoryMib),
  };
}

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {}); // any object has fields

function resultOf(result: unknown): unknown {
  const error = fieldsOf(result)["error"];
  if (error === undefined || error === null) return result;
  const { code = "part.failed", message = "the call failed", retryable, details } = fieldsOf(error);
  throw new PartError(String(code), String(message), { retryable: retryable === true, details });
}

/** 2xx, or what `ok_status` lists: as the part `http_request` has it. */
function accepted(request: HttpParams, answer: HttpAnswer): HttpAnswer {
  const { status } = answer;
  const isAccepted = request.ok_status === undefined ? status >= 200 && status <= 299 : request.ok_status.includes(status);
  if (isAccepted) return answer;
  const retryable = status === 408 || status === 425 || status === 429 || (status >= 500 && status <= 599);
  throw new PartError(`http.status_${status}`, `${request.method ?? "GET"} ${request.url} answered ${status}`, {
    retryable,
    details: answer,
    retryAfterMs: answer.retry_after_ms,
  });
}
