/** Both HTTP Workers over ports in memory, the callback Worker behind the ingress as in production, and their whole table of routes. */
import type { RunApi } from "../../shared/run-api.ts";
import { callbackRoutes, createCallbackApp } from "../../workers/callback/app.ts";
import { ingressRoutes } from "../../workers/ingress/app.ts";
import { background, emptyPlan, fakeHints, ids, inlinePayloads, runView, summary } from "./fake-stores.ts";
import { ingress, type Settings } from "./ingress/fake-ingress.ts";

export const ALL_ROUTES = [...ingressRoutes, ...callbackRoutes].map(({ method, path, scope }) => ({ method, path, scope }));

/** A run that is there and has nothing to do. */
const QUIET_RUN: Partial<RunApi> = {
  view: () => Promise.resolve(runView()),
  wait: () => Promise.resolve("running"),
  drawing: () => Promise.resolve({ plan: emptyPlan, tally: { vertices: [], edges: [], loops: [] } }),
  events: () => Promise.resolve({ rows: [], ended: true }),
  inlineValue: () => Promise.resolve("1"),
  cancel: () => Promise.resolve({ kind: "cancelled", summary: summary() }),
  redrive: () => Promise.resolve({ kind: "nothing" }),
  answer: () => Promise.resolve({ kind: "accepted", taskId: "task", hints: [], summary: summary() }),
  lookAtApproval: () => Promise.resolve({ kind: "terminal" }),
};

export function wholeApp({ startRate = 1_000_000, ...more }: Settings = {}) {
  const world = ingress(QUIET_RUN, { startRate, ...more });
  const { deps, runs } = world;
  const { keys, teller, failures } = deps;
  const hints = fakeHints();
  const callback = createCallbackApp({
    ids,
    runs,
    hints,
    payloads: inlinePayloads,
    keys,
    failures,
    teller,
    newRequestId: () => deps.newRequestId(),
  });
  deps.forward = (request) => callback.fetch(request, background);
  return world;
}
