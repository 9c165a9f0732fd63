/** All addresses of the callback Worker. */
import { createHttpApp, type HttpApp } from "../../shared/http/http-app.ts";
import type { CallbackDeps } from "./deps.ts";
import { approvalRoutes } from "./routes/approvals.ts";
import { resumeRoutes } from "./routes/resume.ts";

export const callbackRoutes = [...resumeRoutes, ...approvalRoutes];

export const createCallbackApp = (deps: CallbackDeps): HttpApp => createHttpApp(deps, callbackRoutes);
