/**
 * The object that keeps the slots of one key of a tenant: a thin shell around their ledger, which gives it a store, a clock, an alarm
 * and a way to ask the runs. Eviction at any moment is harmless, and the alarm's handler never throws.
 */
import { DurableObject } from "cloudflare:workers";
import { createHints } from "../../shared/adapters/queue-hints.ts";
import { createRuns } from "../../shared/adapters/run-objects.ts";
import type { RunnerEnv } from "../../shared/env.ts";
import { logError } from "../../shared/log-error.ts";
import { SECOND_MS } from "../../shared/model/limits.ts";
import type { Hints, Runs } from "../../shared/ports.ts";
import type { SlotApi, SlotRef, SlotWish } from "../../shared/slots/slot-api.ts";
import { acquire, openSlots, release, type SlotLedger } from "../../shared/slots/slot-ledger.ts";
import { heard, nextQuestionAt, type SlotQuestion, questions } from "../../shared/slots/slot-questions.ts";
import { claimSingleton, forgetSingleton, SINGLETON_LOOK_MS } from "./singleton-claim.ts";
import { createSqliteSlots } from "./sqlite-slots.ts";

const LOCAL_ASK_MS = 5 * SECOND_MS;
const ASK_MS = 15 * SECOND_MS;
const RETRY_MS = 5 * SECOND_MS;
/** Of questions in a row; whoever is left is asked by the alarm. */
const MAX_ROUNDS = 100;

export class SlotObject extends DurableObject<RunnerEnv> implements SlotApi {
  /** Undefined: the storage was emptied, and is opened again when somebody asks. */
  #opened: SlotLedger | undefined;
  readonly #runs: Runs;
  readonly #hints: Pick<Hints, "send">;
  #alarmAt: number | null = null;

  constructor(ctx: DurableObjectState, env: RunnerEnv) {
    super(ctx, env);
    this.#runs = createRuns(env.RUNS);
    this.#hints = createHints({ steps: env.STEPS, io: env.IO });
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = await ctx.storage.getAlarm();
    });
  }

  get #ledger(): SlotLedger {
    this.#opened ??= openSlots({
      store: createSqliteSlots(this.ctx.storage),
      now: () => Date.now(),
      boot: this.env.BOOT_ID,
      askMs: this.env.DETACH_IO === "1" ? LOCAL_ASK_MS : ASK_MS,
    });
    return this.#opened;
  }

  async acquire(wish: SlotWish) {
    return this.#change(() => acquire(this.#ledger, wish));
  }

  async release(ref: SlotRef) {
    return this.#change(() => release(this.#ledger, ref));
  }

  async claimSingleton(tenant: string, runId: string) {
    const reply = await claimSingleton(this.#singleton(), tenant, runId);
    await this.#arm(Date.now() + SINGLETON_LOOK_MS);
    return reply;
  }

  /** Never throws: an alarm that throws six times is gone for good. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    try {
      await this.#ask();
      const isFree = await forgetSingleton(this.#singleton());
      if (!isFree) await this.#arm(Date.now() + SINGLETON_LOOK_MS);
      else if (this.#ledger.holders.size + this.#ledger.waiters.size === 0) await this.#forget();
    } catch (thrown) {
      logError("slots.alarm_failed", thrown);
      await this.#arm(Date.now() + RETRY_MS);
    }
  }

  async #forget(): Promise<void> {
    this.#opened = undefined;
    await this.ctx.storage.deleteAll();
  }

  /** What could not be stored could perhaps not be read again either (S5): then it is opened anew. An empty memory would give slots away. */
  #turn<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      this.#opened = undefined;
      throw thrown;
    }
  }

  /** The rows and the alarm are written in the same turn; whoever was handed a slot is woken behind the caller's back. */
  async #change<T>(work: () => T): Promise<T> {
    const result = this.#turn(work);
    await this.#arm(nextQuestionAt(this.#ledger));
    this.ctx.waitUntil(this.#ask());
    return result;
  }

  async #arm(due: number): Promise<void> {
    if (due === Number.POSITIVE_INFINITY || (this.#alarmAt !== null && this.#alarmAt <= due)) return;
    this.#alarmAt = due;
    await this.ctx.storage.setAlarm(due);
  }

  async #ask(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const due = this.#turn(() => questions(this.#ledger));
      if (due.length === 0) break;
      await Promise.all(due.map((question) => this.#askOne(question)));
    }
    await this.#arm(nextQuestionAt(this.#ledger));
  }

  async #askOne(question: SlotQuestion): Promise<void> {
    try {
      const { isGoing, hints } = await this.#runs.of(question.tenant, question.runId).slot(question.step, question.lease);
      this.#turn(() => heard(this.#ledger, question, isGoing));
      await this.#hints.send(hints);
    } catch (thrown) {
      logError("slots.run_not_asked", thrown, { run: question.runId });
    }
  }

  #singleton() {
    return { storage: this.ctx.storage, runs: this.#runs, now: () => Date.now() };
  }
}
