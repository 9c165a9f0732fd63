/** A ledger over a memory log with a clock that tests set, and short words for what happens to it. */
import { claim } from "../../../shared/ledger/claim.ts";
import { start } from "../../../shared/ledger/control.ts";
import { type Ledger, type LedgerDeps, openLedger } from "../../../shared/ledger/ledger.ts";
import { settle } from "../../../shared/ledger/settle.ts";
import { createMemoryLog } from "../../../shared/log-store.ts";
import type { LogRow, Origin } from "../../../shared/model/log.ts";
import type { Plan } from "../../../shared/model/plan.ts";
import type { Assignment, ItemList, Outcome } from "../../../shared/run-api.ts";

export const T0 = 1_700_000_000_000;

export type Play = {
  readonly ledger: Ledger;
  readonly clock: { now: number };
  /** Claims one step that must be given out. */
  take(step: string): Assignment;
  /** Settles and answers how many outcomes were refused. */
  end(assignment: Assignment, result: Outcome["result"]): number;
  /** Claims and succeeds. */
  run(step: string): void;
  status(step: string): string | undefined;
  /** Another ledger on the same log: after an eviction, or (with another boot) after a crash. */
  reopen(boot?: string): Play;
};

/** `lists`: of the loops that the start opens. */
export function play(plan: Plan, origin: Origin = { kind: "rpc", depth: 0 }, lists: readonly ItemList[] = []): Play {
  const opened = playLog([], T0);
  start(opened.ledger, {
    tenant: "t",
    runId: "r",
    plan,
    digests: {},
    input: { json: "{}" },
    inputDigest: "d",
    taken: plan.vertices[0]?.outgoing ?? [],
    origin,
    lists,
  });
  return opened;
}

/** A run as its log left it, at this moment. */
export function playLog(rows: readonly LogRow[], now: number): Play {
  const clock = { now };
  const store = createMemoryLog();
  store.append(rows);
  let drawn = 0;
  const deps: LedgerDeps = {
    store,
    now: () => clock.now,
    random: () => (drawn = (drawn + 0.37) % 1),
    boot: "boot-1",
    resendMs: 5000,
    leaseCheckMs: 60_000,
    sha256Hex: (text) => `hash of ${text}`,
    validate: () => [],
  };
  return playOn(deps, clock);
}

function playOn(deps: LedgerDeps, clock: { now: number }): Play {
  const ledger = openLedger(deps);
  const take = (step: string): Assignment => {
    const [reply] = claim(ledger, [step]);
    if (reply?.kind !== "execute") throw new Error(`${step} was not given out: ${JSON.stringify(reply)}`);
    return reply;
  };
  const end: Play["end"] = ({ step, generation, attempt, lease }, result) =>
    settle(ledger, [{ step, generation, attempt, lease, startedAt: clock.now, fuel: 1, result }]).refused;
  return {
    ledger,
    clock,
    take,
    end,
    run(step) {
      const assignment = take(step);
      end(assignment, succeeded(assignment));
    },
    status: (step) => ledger.state?.steps.get(step)?.status,
    reopen: (boot = deps.boot) => playOn({ ...deps, boot }, clock),
  };
}

export const succeeded = ({ edges }: Assignment): Outcome["result"] => ({
  kind: "succeeded",
  output: { json: '{"success":true}' },
  taken: edges.filter(({ relation }) => relation.kind === "success" || relation.kind === "pipe").map(({ id }) => id),
});
export const failed = (code = "part.failed", retryable = false): Outcome["result"] => ({
  kind: "failed",
  error: { code, message: "broken", retryable },
});
