/**
 * The HTTP shell that the Workers share. A route is one row of a table; what all answers have in common is here: the id of the
 * request, authentication by scope, 404 and 405, and the one place where errors become answers.
 */
import { Hono } from "hono";
import { logError } from "../log-error.ts";
import { ArcrunError, ERROR_CODES } from "../model/errors.ts";
import type { Key, Scope } from "../ports.ts";
import { drain } from "./body.ts";
import { authenticate, type AuthDeps, requireScope } from "./key-auth.ts";
import { HttpProblem, notFound, problemResponse } from "./problem.ts";

/** Work that goes on after the answer. */
export type Background = { waitUntil(work: Promise<unknown>): void };

export type Call = {
  readonly request: Request;
  readonly query: URLSearchParams;
  /** A parameter of the path, decoded. */
  readonly param: (name: string) => string;
  readonly background: Background;
};
export type KeyedCall = Call & { readonly key: Key };

type Method = "GET" | "POST" | "PUT" | "DELETE";
export type Route<D> =
  | { readonly method: Method; readonly path: string; readonly scope: null; handle(deps: D, call: Call): Promise<Response> }
  | { readonly method: Method; readonly path: string; readonly scope: Scope; handle(deps: D, call: KeyedCall): Promise<Response> };

/** Paths that are answered as they are by somebody else, whatever the method. */
export type Passage<D> = { readonly path: string; readonly forward: (deps: D, request: Request) => Promise<Response> };

export type HttpApp = { fetch(request: Request, background: Background): Promise<Response> };
type BaseDeps = AuthDeps & { newRequestId(): string };
type Bindings = { readonly background: Background };

export function createHttpApp<D extends BaseDeps>(deps: D, routes: readonly Route<D>[], passages: readonly Passage<D>[] = []): HttpApp {
  const app = new Hono<{ Bindings: Bindings }>();
  for (const { path, forward } of passages) app.all(path, (c) => answered(deps, path, c.req.raw, () => forward(deps, c.req.raw)));
  for (const route of routes) {
    app.on(route.method, route.path, (c) => {
      const { background } = c.env;
      const call: Call = {
        request: c.req.raw,
        query: new URL(c.req.url).searchParams,
        param: (name) => c.req.param(name) ?? "",
        background,
      };
      return answered(deps, route.path, call.request, () => handled(deps, route, call));
    });
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const allow = routes.filter((route) => route.path === path).map(({ method }) => method);
    const refusal = () =>
      Promise.reject(
        new HttpProblem("method_not_allowed", `this address takes ${allow.join(", ")}`, { headers: { allow: allow.join(", ") } }),
      );
    app.all(path, (c) => answered(deps, path, c.req.raw, refusal));
  }
  app.notFound((c) => answered(deps, "/*", c.req.raw, () => Promise.reject(notFound())));
  // A Host header that is none makes an address that no route could read.
  const malformed = () =>
    Promise.reject(new ArcrunError("request_malformed", "the Host header or the address of the request cannot be read"));
  return {
    fetch: async (request, background) =>
      URL.canParse(request.url) ? app.fetch(request, { background }) : answered(deps, "/*", request, malformed),
  };
}

async function handled<D extends BaseDeps>(deps: D, route: Route<D>, call: Call): Promise<Response> {
  if (route.scope === null) return route.handle(deps, call);
  const key = await authenticate(deps, call.request.headers);
  requireScope(key, route.scope);
  return route.handle(deps, { ...call, key });
}

async function answered(deps: BaseDeps, instance: string, request: Request, handle: () => Promise<Response>): Promise<Response> {
  const requestId = deps.newRequestId();
  const response = await handle().catch((thrown: unknown) => {
    if (isOurFault(thrown)) logError("request.failed", thrown, { requestId, method: request.method, instance });
    return problemResponse(thrown, requestId, instance);
  });
  await drain(request);
  // An answer that was passed on has the id that its body names, too.
  if (!response.headers.has("x-request-id")) response.headers.set("x-request-id", requestId);
  return response;
}

const isOurFault = (thrown: unknown): boolean => !(thrown instanceof ArcrunError) || ERROR_CODES[thrown.code].status >= 500;

export const json = (body: unknown, status = 200): Response => Response.json(body, { status });
