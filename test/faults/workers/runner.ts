/** The runner with faults: its queues are wrapped, and its objects are thrown out or break when their work is done. */
import type { RunnerEnv } from "../../../shared/env.ts";
import { runObjectName } from "../../../shared/ids.ts";
import { StepHint } from "../../../shared/message.ts";
import runner, {
  IoSteps as RealIoSteps,
  RunObject as RealRunObject,
  ScheduleObject as RealScheduleObject,
  SlotObject as RealSlotObject,
} from "../../../workers/runner/index.ts";
import { evict } from "../evicting-namespace.ts";
import { BREAKABLE, type Faults } from "../fault-plan.ts";
import { faultsOf, faultyEnv } from "../faulty-env.ts";

export class IoSteps extends RealIoSteps {
  constructor(ctx: ExecutionContext, env: RunnerEnv) {
    super(ctx, faultyEnv(env));
  }
}

export class SlotObject extends RealSlotObject {
  constructor(ctx: DurableObjectState, env: RunnerEnv) {
    super(ctx, faultyEnv(env));
  }
}

export class ScheduleObject extends RealScheduleObject {
  constructor(ctx: DurableObjectState, env: RunnerEnv) {
    super(ctx, faultyEnv(env));
  }
}

/** Its methods do their work, and now and then the object breaks before it has answered. */
export class RunObject extends RealRunObject {
  readonly #faults: Faults;

  constructor(ctx: DurableObjectState, env: RunnerEnv) {
    super(ctx, faultyEnv(env));
    this.#faults = faultsOf(env);
  }

  static {
    for (const name of BREAKABLE) {
      const method = RealRunObject.prototype[name] as (...args: readonly unknown[]) => Promise<unknown>; // whatever it takes, it is handed on
      const value = async function (this: RunObject, ...args: readonly unknown[]): Promise<unknown> {
        const result = await method.apply(this, [...args]);
        const { aborted = [], abort = 0 } = this.#faults.plan.objects ?? {};
        if (aborted.includes(name) && this.#faults.strikes("abort", abort)) this.ctx.abort("a fault");
        return result;
      };
      Object.defineProperty(RunObject.prototype, name, { value });
    }
  }
}

export default {
  async queue(batch: MessageBatch, env: RunnerEnv, context: ExecutionContext): Promise<void> {
    await runner.queue(batch, faultyEnv(env), context);
    if (faultsOf(env).plan.objects === undefined) return;
    const names = batch.messages.flatMap(({ body }) => {
      const hint = StepHint.safeParse(body);
      return hint.success ? [runObjectName(hint.data.tenant, hint.data.run)] : [];
    });
    await Promise.all([...new Set(names)].map((name) => evict(env.RUNS.get(env.RUNS.idFromName(name)), faultsOf(env))));
  },
};
