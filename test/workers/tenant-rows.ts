/** Who may do what at which address: a row for every route. A route without a row, or a row without a route, fails the test. */
import type { Scope } from "../../shared/ports.ts";

/** What a tenant has, by the names and ids that stand in paths. */
export type Things = {
  readonly tenant: string;
  readonly run: string;
  readonly workflow: string;
  readonly letter: string;
  readonly key: string;
  readonly secret: string;
  readonly part: string;
  /** Of an open wait, and of an approval. */
  readonly token: string;
};

type Body = Readonly<Record<string, unknown>>;
export type Row =
  /** Takes nobody's id: the key alone says whose it is. */
  | { readonly kind: "own" }
  /** Open to everybody. */
  | { readonly kind: "open" }
  /** Names a thing of a tenant in its path or its body. `needs`: the scope, where the route itself decides whether it wants a key. */
  | {
      readonly kind: "named";
      readonly by: keyof Things;
      readonly path: (things: Things) => string;
      readonly body?: (things: Things) => Body;
      readonly needs?: Scope;
      /** Without a key it is like nothing at all, too. */
      readonly withoutKey?: 404;
    }
  /** Names a thing that this call makes, in the house of the caller. */
  | { readonly kind: "makes"; readonly by: keyof Things; readonly path: (things: Things) => string; readonly body: Body }
  /** The token in the path is all the right that there is. */
  | { readonly kind: "token"; readonly path: (things: Things) => string; readonly body?: Body };

const OWN = { kind: "own" } as const;
const named = (by: keyof Things, path: (thing: string) => string, body?: Body): Row => ({
  kind: "named",
  by,
  path: (things) => path(things[by]),
  ...(body === undefined ? {} : { body: () => body }),
});
const NO_HASH = "0".repeat(64);

export const ROWS: Readonly<Record<string, Row>> = {
  "POST /webhooks/named": OWN,
  "GET /webhooks/named": OWN,
  "GET /webhooks/named/:name/definition": named("workflow", (name) => `/webhooks/named/${name}/definition`),
  "GET /webhooks/named/:name/versions": named("workflow", (name) => `/webhooks/named/${name}/versions`),
  "DELETE /webhooks/named/:name": named("workflow", (name) => `/webhooks/named/${name}`),
  "POST /validate": OWN,
  "POST /webhooks/named/:name/trigger": named("workflow", (name) => `/webhooks/named/${name}/trigger`, {}),
  "POST /webhooks/named/:name/query": named("workflow", (name) => `/webhooks/named/${name}/query`, {}),
  "POST /webhooks/named/:tenant/:name/trigger": {
    kind: "named",
    by: "workflow",
    path: ({ tenant, workflow }) => `/webhooks/named/${tenant}/${workflow}/trigger`,
    body: () => ({}),
    needs: "trigger",
  },
  "POST /cypher/execute": OWN,
  "GET /runs": OWN,
  "GET /runs/:id": named("run", (id) => `/runs/${id}?include=mermaid`),
  "GET /runs/:id/mermaid": named("run", (id) => `/runs/${id}/mermaid`),
  "GET /runs/:id/trace": named("run", (id) => `/runs/${id}/trace?full=1`),
  "GET /runs/:id/events": named("run", (id) => `/runs/${id}/events`),
  "GET /runs/:id/values/:sha256": named("run", (id) => `/runs/${id}/values/${NO_HASH}`),
  "POST /runs/:id/redrive": named("run", (id) => `/runs/${id}/redrive`, { nodes: ["one"], version: "v1" }),
  "POST /runs/:id/cancel": named("run", (id) => `/runs/${id}/cancel`, {}),
  "GET /dead-letters": OWN,
  "GET /dead-letters/:id": named("letter", (id) => `/dead-letters/${id}`),
  "POST /dead-letters/:id/redrive": named("letter", (id) => `/dead-letters/${id}/redrive`, {}),
  "GET /keys": OWN,
  "GET /keys/signing": OWN,
  "POST /keys": OWN,
  "DELETE /keys/:id": named("key", (id) => `/keys/${id}`),
  "GET /credentials": OWN,
  "PUT /credentials/:name": { kind: "makes", by: "secret", path: ({ secret }) => `/credentials/${secret}`, body: { value: "theirs" } },
  "DELETE /credentials/:name": named("secret", (name) => `/credentials/${name}`),
  "GET /parts": OWN,
  "GET /parts/:name": named("part", (name) => `/parts/${name}`),
  "POST /parts": OWN,
  "DELETE /parts/:name": named("part", (name) => `/parts/${name}`),
  "GET /schedules": OWN,
  "GET /health": { kind: "open" },
  "GET /metrics": OWN,
  "GET /stats": OWN,
  "POST /workflows/resume": {
    kind: "named",
    by: "run",
    path: () => "/workflows/resume",
    body: ({ run }) => ({ run_id: run, data: 1 }),
    needs: "trigger",
    withoutKey: 404,
  },
  "POST /workflows/resume/:token": { kind: "token", path: ({ token }) => `/workflows/resume/${token}`, body: { data: 1 } },
  "GET /approvals/:token": { kind: "token", path: ({ token }) => `/approvals/${token}` },
  "POST /approvals/:token": { kind: "token", path: ({ token }) => `/approvals/${token}`, body: { approved: true } },
};
