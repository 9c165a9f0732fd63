/** What the ingress Worker works with: ports, and what `index.ts` took from the platform. */
import type { CounterStore } from "../../shared/adapters/d1-counters.ts";
import type { FailureBudget } from "../../shared/failure-budget.ts";
import type { QueueGauge } from "../../shared/metrics.ts";
import type { Catalogue as Components } from "../../shared/model/definition/workflow.ts";
import type { PartCatalogue } from "../../shared/part-catalogue.ts";
import type { Catalogue, Credentials, Keys, PartStore, RunIndex, ScheduleKeepers, Schedules, UploadedParts } from "../../shared/ports.ts";
import type { RunJsonDeps } from "../../shared/run-json.ts";
import type { DeliveryRate } from "../../shared/start-rate.ts";
import type { StartDeps } from "../../shared/start-run.ts";

export type IngressDeps = StartDeps &
  RunJsonDeps & {
    readonly startRate: DeliveryRate;
    readonly index: RunIndex;
    readonly catalogue: Catalogue;
    readonly components: Components;
    readonly parts: PartCatalogue;
    readonly uploadedParts: UploadedParts;
    readonly partStore: Pick<PartStore, "put">;
    readonly schedules: Schedules;
    readonly keepers: ScheduleKeepers;
    readonly keys: Keys;
    readonly failures: FailureBudget;
    readonly credentials: Credentials;
    /** The same some seconds late, for the time in which somebody guesses signatures. */
    readonly rememberedSecrets: Pick<Credentials, "reveal">;
    readonly counters: Pick<CounterStore, "totals">;
    /** Only the queues that the runtime tells about. */
    gauges(): Promise<readonly QueueGauge[]>;
    /** The callback Worker. */
    forward(request: Request): Promise<Response>;
    now(): number;
    newRequestId(): string;
    /** Hex digits of so many random bytes. */
    randomHex(bytes: number): string;
  };
