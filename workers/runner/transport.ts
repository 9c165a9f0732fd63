/** How one request leaves. On one machine through the supervisor's half, which pins the address it checked; in production by `fetch`. */
import { ArcrunError } from "../../shared/model/errors.ts";
import { MAX_TIMEOUT_MS } from "../../shared/model/limits.ts";
import type { RunnerEnv } from "../../shared/env.ts";
import type { Transport } from "./deps.ts";
import { denied, isLiteralPrivate } from "./egress-target.ts";

export function createTransport({ EGRESS_URL, EGRESS_TOKEN }: Pick<RunnerEnv, "EGRESS_URL" | "EGRESS_TOKEN">): Transport {
  return EGRESS_URL === undefined || EGRESS_TOKEN === undefined ? direct : throughSupervisor(EGRESS_URL, EGRESS_TOKEN);
}

const direct: Transport = async ({ url, method, headers, body, signal }) => {
  const port = url.port === "" || url.port === "80" || url.port === "443";
  if (!port || isLiteralPrivate(url)) throw denied();
  return fetch(url, { method, headers, redirect: "manual", signal, ...(body === undefined ? {} : { body }) });
};

/** `docs/architecture.md` has the protocol: the request in headers, its body as it is; the answer the same way back. */
function throughSupervisor(egressUrl: string, token: string): Transport {
  return async ({ url, method, headers, body, signal }) => {
    const response = await fetch(egressUrl, {
      method: "POST",
      signal,
      headers: {
        authorization: `Bearer ${token}`,
        "x-egress-url": url.href,
        "x-egress-method": method,
        // The attempt's own signal ends it sooner.
        "x-egress-timeout-ms": String(MAX_TIMEOUT_MS),
        "x-egress-headers": toBase64(JSON.stringify([...headers])),
      },
      ...(body === undefined ? {} : { body }),
    });
    const error = response.headers.get("x-egress-error");
    if (error === null) return unwrap(response);
    const reason = await response.text();
    if (error === "denied") throw denied();
    throw new ArcrunError(error === "timeout" ? "part.timed_out" : "egress.failed", `the connection failed: ${reason.slice(0, 200)}`);
  };
}

function unwrap(response: Response): Response {
  const status = Number(response.headers.get("x-egress-status"));
  const pairs: [string, string][] = JSON.parse(fromBase64(response.headers.get("x-egress-response-headers") ?? "W10="));
  const isBodyless = status === 101 || status === 204 || status === 205 || status === 304;
  return new Response(isBodyless ? null : response.body, { status, headers: new Headers(pairs) });
}

const toBase64 = (text: string): string => Buffer.from(text).toString("base64");
const fromBase64 = (text: string): string => Buffer.from(text, "base64").toString("utf8");
