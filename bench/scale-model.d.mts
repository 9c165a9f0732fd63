/** The types of `scale-model.mjs`, as far as the tests need them. */
export type Run = Readonly<Record<string, number>> & { readonly steps: number };
export type Counts = {
  readonly chains: readonly Run[];
  readonly fan: Run;
  readonly large: Run & { readonly bytes: number };
  readonly flush: { readonly d1RowsRead: number; readonly d1RowsWritten: number };
  readonly indexBytes: number;
};
export type Assumed = Readonly<
  Record<
    "cpuMsPerStep" | "objectMsPerCall" | "lineSteps" | "goOnMs" | "peak" | "retentionDays" | "flushSeconds" | "stepsPerIsolateSecond",
    number
  >
>;
type Line = { readonly name: string; readonly day: number; readonly amount: number; readonly list: number; readonly billed: number };
export type ScalePlan = { readonly runsPerDay: number; readonly lines: readonly Line[]; readonly perMillion: number };

export const ASSUMED: Assumed;
export function countsOfChain(counts: Counts, steps: number, assumed?: Assumed): Run;
export function withMessages(run: Run): Run;
export function asMeasured(
  run: Run,
  engine: { readonly rows: number; readonly perStep: { readonly rpcs: number; readonly messages: number } },
): Run;
export function planOf(counts: Counts, run: Run, stepsPerDay: number, assumed?: Assumed): ScalePlan;
export function endsOf(counts: Counts, run: Run, assumed?: Assumed): readonly { readonly id: string; readonly stepsPerDay: number }[];
