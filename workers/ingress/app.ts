/** All addresses of the ingress Worker. */
import { createHttpApp, type HttpApp } from "../../shared/http/http-app.ts";
import type { IngressDeps } from "./deps.ts";
import { credentialRoutes } from "./routes/credentials.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { keyRoutes } from "./routes/keys.ts";
import { operationRoutes } from "./routes/operations.ts";
import { partRoutes } from "./routes/parts.ts";
import { runControlRoutes } from "./routes/run-control.ts";
import { runRoutes } from "./routes/runs.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { uploadedPartRoutes } from "./routes/uploaded-parts.ts";
import { triggerRoutes } from "./routes/trigger.ts";
import { workflowRoutes } from "./routes/workflows.ts";

const toCallback = (path: string) => ({ path, forward: (deps: IngressDeps, request: Request) => deps.forward(request) });

export const ingressRoutes = [
  ...workflowRoutes,
  ...triggerRoutes,
  ...runRoutes,
  ...runControlRoutes,
  ...deadLetterRoutes,
  ...keyRoutes,
  ...credentialRoutes,
  ...partRoutes,
  ...uploadedPartRoutes,
  ...scheduleRoutes,
  ...operationRoutes,
];

export const createIngressApp = (deps: IngressDeps): HttpApp =>
  createHttpApp(deps, ingressRoutes, ["/workflows/resume", "/workflows/resume/*", "/approvals", "/approvals/*"].map(toCallback));
