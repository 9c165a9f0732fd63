/**
 * The engine as `npm start` runs it, but for its Workers: they are the real ones with faults around them. `FAULTS` is the plan
 * (`fault-plan.ts`) as JSON. `npm start` in this folder starts it, so whoever tests an engine by its folder can be given this one.
 */
import { startEngine } from "../../scripts/start.mjs";
import { buildFaultyWorkers } from "./build-faulty-workers.mjs";

startEngine({ build: () => buildFaultyWorkers(JSON.parse(process.env.FAULTS ?? "{}")) });
