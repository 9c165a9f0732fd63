/**
 * The schedule object: one Durable Object for the schedules of one workflow, a thin shell around `keep-schedules.ts`.
 *
 * Invariants
 * A1  Whoever is about to change the schedules says so before (`expect`): from then on the object looks by itself, whatever dies meanwhile.
 * A2  There is always an alarm while something may be due, set before the work is begun; its handler never throws (R6).
 * A3  Of the methods one works at a time, so no firing is decided twice at once. (K2 holds without it.)
 */
import { DurableObject } from "cloudflare:workers";
import type { RunnerEnv } from "../../shared/env.ts";
import { logError } from "../../shared/log-error.ts";
import { MINUTE_MS, SECOND_MS } from "../../shared/model/limits.ts";
import type { ScheduleApi } from "../../shared/ports.ts";
import { createKeeperDeps } from "./keeper-deps.ts";
import { type KeptSchedules, type KeeperDeps, keepSchedules, lookAgainAt } from "./keep-schedules.ts";

/** After a change was announced. The last one is later than any request lives. */
const CHECKS_AFTER_MS = [10 * SECOND_MS, MINUTE_MS, 10 * MINUTE_MS];
const RETRY_MS = 15 * SECOND_MS;
const KEPT = "kept";

export class ScheduleObject extends DurableObject<RunnerEnv> implements ScheduleApi {
  readonly #deps: KeeperDeps;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ctx: DurableObjectState, env: RunnerEnv) {
    super(ctx, env);
    this.#deps = createKeeperDeps(env);
  }

  async expect(tenant: string, workflow: string): Promise<void> {
    await this.#alone(async () => {
      const now = this.#deps.now();
      const kept = (await this.#kept()) ?? newKept(tenant, workflow);
      const checksAt = CHECKS_AFTER_MS.map((ms) => now + ms);
      await this.#save({ ...kept, checksAt });
    });
  }

  async sync(tenant: string, workflow: string): Promise<void> {
    await this.#alone(async () => this.#look((await this.#kept()) ?? newKept(tenant, workflow)));
  }

  override async alarm(): Promise<void> {
    try {
      await this.#alone(async () => {
        const kept = await this.#kept();
        if (kept === undefined) return;
        await this.ctx.storage.setAlarm(this.#deps.now() + RETRY_MS);
        await this.#look(kept);
      });
    } catch (thrown) {
      logError("schedule.alarm_failed", thrown);
      await this.ctx.storage.setAlarm(Date.now() + RETRY_MS).catch((lost: unknown) => logError("schedule.alarm_not_set", lost));
    }
  }

  async #look(before: KeptSchedules): Promise<void> {
    const { kept, isRetried } = await keepSchedules(before, this.#deps, (state) => this.#store(state));
    if (isRetried) await this.ctx.storage.setAlarm(this.#deps.now() + RETRY_MS);
    else await this.#save(kept);
  }

  async #kept(): Promise<KeptSchedules | undefined> {
    return this.ctx.storage.get<KeptSchedules>(KEPT); // nobody else writes it
  }

  async #store(kept: KeptSchedules): Promise<void> {
    await this.ctx.storage.put(KEPT, kept);
  }

  /** With the alarm that belongs to it, both in one turn; or nothing at all, when nothing is left to keep. */
  async #save(kept: KeptSchedules): Promise<void> {
    const { storage } = this.ctx;
    const at = lookAgainAt(kept);
    if (at === null && Object.keys(kept.states).length === 0) {
      await storage.deleteAlarm();
      return storage.deleteAll();
    }
    await Promise.all([storage.put(KEPT, kept), at === null ? storage.deleteAlarm() : storage.setAlarm(at)]);
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

const newKept = (tenant: string, workflow: string): KeptSchedules => ({ v: 1, tenant, workflow, checksAt: [], states: {} });
