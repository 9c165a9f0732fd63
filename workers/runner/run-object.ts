/**
 * The run object: one Durable Object a run, a thin shell around its ledger. It gives the ledger a store, a clock and an alarm.
 *
 * Invariants
 * O1  The alarm is armed in the same turn as the rows that need it, never moved later, and its handler never throws (R6), unless the
 *     storage takes not even an alarm: then the platform rings again. An object that wakes without the alarm that it needs arms it.
 * O2  Nothing is read from a field that the log could not give again: eviction at any moment is harmless.
 * O3  What is to be said to other runs is said in the background, never within a method: no two objects wait for each other. The alarm that
 *     stands behind it was armed before.
 * O4  A log of a newer engine is not touched: every method throws, and the alarm rings now and then, until the newer engine is back.
 */
import { DurableObject } from "cloudflare:workers";
import type { RunnerEnv } from "../../shared/env.ts";
import { claim } from "../../shared/ledger/claim.ts";
import { answer, cancel, redrive, start, type AnsweredWait } from "../../shared/ledger/control.ts";
import { drawing } from "../../shared/ledger/drawing.ts";
import { lookAtApproval } from "../../shared/ledger/approvals.ts";
import { exchange } from "../../shared/ledger/exchanges.ts";
import { finishErrand, holds, notify, takeErrands, watch } from "../../shared/ledger/kin.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import { gatheredPage } from "../../shared/ledger/lists.ts";
import { settle } from "../../shared/ledger/settle.ts";
import { slot, slotOfRun } from "../../shared/ledger/slots.ts";
import { statusOf } from "../../shared/ledger/summary.ts";
import { asksForBacklog, nextSweepAt, sweep } from "../../shared/ledger/sweep.ts";
import { eventsAfter, inlineValue, view } from "../../shared/ledger/view.ts";
import { MINUTE_MS, SECOND_MS } from "../../shared/model/limits.ts";
import type { Answer, Value, Watcher } from "../../shared/model/log.ts";
import { isRunTerminal, type RunStatus } from "../../shared/model/run.ts";
import type { Errand, Notice, StepRef } from "../../shared/errand.ts";
import type { LeaseRef, Outcome, RedriveRequest, RunApi, StartRun } from "../../shared/run-api.ts";
import type { WaitRef } from "../../shared/run-view.ts";
import { logError } from "../../shared/log-error.ts";
import { createObjectPorts, type ObjectPorts } from "./object-ports.ts";
import { isNewer, openRun, openUnlessNewer } from "./open-run.ts";
import { createSignal } from "./signal.ts";

const EVENTS_PAGE = 500;
const RING_AGAIN_MS = 5 * SECOND_MS; // after an alarm that failed
const PUT_OFF_MS = 5 * SECOND_MS; // so late is one that the platform puts off, ever longer, because none could be stored
const LOOK_FOR_ENGINE_MS = MINUTE_MS;

export class RunObject extends DurableObject<RunnerEnv> implements RunApi {
  /** Undefined: the storage was emptied, or its log was refused (O4); it is opened when somebody asks. */
  #opened: Ledger | undefined;
  readonly #ports: ObjectPorts;
  #alarmAt: number | null = null;
  #gaveBack: number | undefined;
  readonly #changed = createSignal();

  constructor(ctx: DurableObjectState, env: RunnerEnv) {
    super(ctx, env);
    this.#ports = createObjectPorts(env);
    this.#opened = openUnlessNewer(ctx.storage, env);
    // An object without a log has no alarm either (O1), and starting a run waits for nothing.
    if (this.#opened?.state === undefined) return;
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = await ctx.storage.getAlarm();
      if (this.#alarmAt === null) await this.#arm();
    });
  }

  get #ledger(): Ledger {
    return (this.#opened ??= openRun(this.ctx.storage, this.env));
  }

  async start(run: StartRun) {
    return this.#change(() => start(this.#ledger, run));
  }

  async claim(steps: readonly string[]) {
    return this.#change(() => claim(this.#ledger, steps));
  }

  async settle(outcomes: readonly Outcome[], maxOffers?: number) {
    return this.#change(() => settle(this.#ledger, outcomes, maxOffers));
  }

  async exchange(lease: LeaseRef, startedAt: number, results: readonly Value[]) {
    return this.#change(() => exchange(this.#ledger, lease, startedAt, results));
  }

  async gathered(key: string, item: readonly number[], from: number) {
    return gatheredPage(this.#ledger, key, item, from);
  }

  async slot(step: string, lease: number | null) {
    return this.#change(() => slot(this.#ledger, step, lease));
  }

  async repair() {
    return this.#change(() => {
      this.#ledger.reported = undefined;
    });
  }

  async answer(wait: AnsweredWait, given: Answer, data: unknown) {
    return this.#change(() => answer(this.#ledger, wait, given, data));
  }

  async lookAtApproval(ref: WaitRef) {
    return lookAtApproval(this.#ledger, ref);
  }

  async cancel(reason?: string, life?: number) {
    return this.#change(() => cancel(this.#ledger, reason, life));
  }

  async watch(watcher: Watcher) {
    return this.#change(() => watch(this.#ledger, watcher));
  }

  async notify(notices: readonly Notice[]) {
    return this.#change(() => notify(this.#ledger, notices));
  }

  async holds(step: StepRef, runId: string) {
    return holds(this.#ledger, step, runId);
  }

  async redrive(wish: RedriveRequest) {
    return this.#change(() => redrive(this.#ledger, wish));
  }

  async view(page: { readonly offset: number; readonly limit: number }) {
    return view(this.#ledger, page);
  }

  async drawing() {
    return drawing(this.#ledger);
  }

  async inlineValue(sha256: string) {
    return inlineValue(this.#ledger, sha256);
  }

  async wait(ms: number): Promise<RunStatus | null> {
    await this.#changed.until(() => this.#isSettledForCallers(), ms);
    const { state } = this.#ledger;
    return state === undefined ? null : statusOf(this.#ledger, state, Date.now());
  }

  async events(afterSeq: number, waitMs: number) {
    if (this.#ledger.state === undefined) return null;
    const isNew = () => (this.#ledger.state?.seq ?? 0) > afterSeq || this.#hasEnded();
    await this.#changed.until(isNew, waitMs);
    const rows = eventsAfter(this.#ledger, afterSeq, EVENTS_PAGE);
    return { rows, ended: this.#hasEnded() && rows.length < EVENTS_PAGE };
  }

  /** Never throws: an alarm that throws six times is gone for good. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    try {
      await this.#sweep();
    } catch (thrown) {
      logError("alarm.failed", thrown);
      if (this.#opened !== undefined) this.#opened.reported = undefined;
      await this.ctx.storage.setAlarm(Date.now() + (isNewer(thrown) ? LOOK_FOR_ENGINE_MS : RING_AGAIN_MS));
    }
  }

  async #sweep(): Promise<void> {
    const backlogSince = asksForBacklog(this.#ledger) ? await this.#ports.oldestMessageAt() : undefined;
    const swept = this.#turn(() => sweep(this.#ledger, backlogSince));
    if (swept.isForgotten) return this.#forget();
    this.#changed.announce();
    this.#runErrands();
    this.#giveBackSlot();
    await this.#ports.send(swept);
    await this.#arm();
  }

  async #forget(): Promise<void> {
    const started = this.#ledger.state?.started;
    if (started !== undefined) await this.#ports.forget(started.tenant, started.runId);
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#opened = undefined;
  }

  /** What could not be stored could perhaps not be taken back in memory either (L1): then the log is opened anew. */
  #turn<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      this.#opened = undefined;
      throw thrown;
    }
  }

  /** One change: the rows and the alarm are written in the same turn, so they are there together or not at all (O1). */
  async #change<T>(work: () => T): Promise<T> {
    const result = this.#turn(work);
    this.#runErrands();
    const armed = this.#arm();
    this.#changed.announce();
    this.#giveBackSlot();
    await armed;
    return result;
  }

  /** Once in this life for each slot that the run had; the object of the key finds out what gets lost. */
  #giveBackSlot(): void {
    const started = this.#ledger.state?.started;
    const had = this.#hasEnded() ? slotOfRun(this.#ledger) : undefined;
    if (started === undefined || had === undefined || had.lease === this.#gaveBack) return;
    this.#gaveBack = had.lease;
    this.ctx.waitUntil(this.#ports.giveBackSlot(started.tenant, started.runId, had));
  }

  /** Not one of them is awaited (O3); each ends in a change of its own, which begins the next. */
  #runErrands(): void {
    for (const errand of takeErrands(this.#ledger)) this.ctx.waitUntil(this.#run(errand));
  }

  async #run(errand: Errand): Promise<void> {
    const tenant = this.#ledger.state?.started.tenant;
    if (tenant === undefined) return;
    try {
      const reply = await this.#ports.run(tenant, errand);
      await this.#change(() => finishErrand(this.#ledger, errand, reply));
    } catch (thrown) {
      logError("errand.failed", thrown, { kind: errand.kind, to: errand.runId });
    }
  }

  async #arm(): Promise<void> {
    const due = nextSweepAt(this.#ledger);
    const isComing = this.#alarmAt !== null && this.#alarmAt <= due && this.#alarmAt > Date.now() - PUT_OFF_MS;
    if (due === Number.POSITIVE_INFINITY || isComing) return;
    this.#alarmAt = due;
    await this.ctx.storage.setAlarm(due);
  }

  #hasEnded(): boolean {
    return this.#ledger.state?.ended !== undefined;
  }

  /** Ended, or only people and daemons can make it go on. */
  #isSettledForCallers(): boolean {
    const { state } = this.#ledger;
    if (state === undefined || isRunTerminal(statusOf(this.#ledger, state, Date.now()))) return true;
    const isAnswerable = [...state.live].every(
      ({ status, wait, queued }) =>
        status === "waiting" && queued === undefined && (wait?.reason === "callback" || wait?.reason === "approval"),
    );
    return isAnswerable && statusOf(this.#ledger, state, Date.now()) === "waiting";
  }
}
