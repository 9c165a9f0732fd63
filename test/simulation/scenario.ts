/** What is simulated, and how. */
import type { Plan } from "../../shared/model/plan.ts";
import type { Script } from "./script.ts";

export type Scenario = {
  readonly plan: Plan;
  readonly script: Script;
  /** Other versions of the workflow, for redrives. */
  readonly versions?: readonly Plan[];
  /** A step of another run started this one and waits for it. */
  readonly isOwned?: boolean;
};
export type SimulationOptions = {
  readonly seed: number;
  /** 0: no random faults at all; 1: the usual amount. */
  readonly chaos: number;
  /** Crash at this point (from 1), and what then happens to what was under way. */
  readonly crashAt?: number;
  readonly onCrash?: "lose" | "keep";
  /** Send this message (from 1) twice. */
  readonly duplicateAt?: number;
};
