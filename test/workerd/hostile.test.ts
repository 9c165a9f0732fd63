import { describe, expect, it } from "vitest";
import timeLoop from "../../generated/test/time-loop.wasm";
import timeCallsExponential from "../../generated/test/time-calls-exponential.wasm";
import timeChase from "../../generated/test/time-chase.wasm";
import timeFillLoop from "../../generated/test/time-fill-loop.wasm";
import timeHostStderr from "../../generated/test/time-host-stderr.wasm";
import stackRecursion from "../../generated/test/stack-recursion.wasm";
import stackRecursionHost from "../../generated/test/stack-recursion-host.wasm";
import memoryGrowLoop from "../../generated/test/memory-grow-loop.wasm";
import memoryTableGrow from "../../generated/test/memory-table-grow.wasm";
import trapDivision from "../../generated/test/trap-division.wasm";
import outputFlood from "../../generated/test/output-flood.wasm";
import outputUtf8 from "../../generated/test/output-utf8.wasm";
import outputDeep from "../../generated/test/output-deep.wasm";
import outputJsonNan from "../../generated/test/output-json-nan.wasm";
import outputExit from "../../generated/test/output-exit.wasm";
import outputErrorCode from "../../generated/test/output-error-code.wasm";
import leftoverCanary from "../../generated/test/leftover-canary.wasm";
import { PART_MANIFESTS } from "../../generated/part-manifests.ts";
import { PART_BYTES } from "../../generated/part-bytes.ts";
import { consume } from "../../workers/runner/consume.ts";
import type { PartLibrary } from "../../workers/runner/deps.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import { runPart } from "../../workers/runner/part-host.ts";
import { createPartLibrary } from "../../workers/runner/part-library.ts";
import { createPartLoader } from "../../workers/runner/part-loader.ts";
import { store } from "../support/workerd-parts.ts";
import { createTestRunner, deliver, hintFor, settled } from "../support/workerd-runner.ts";
import { chain, eventsOf, planFor, started } from "../support/workerd-runs.ts";

const HOSTILE: readonly (readonly [name: string, module: WebAssembly.Module, code: string])[] = [
  ["time-loop", timeLoop, "part.out_of_fuel"],
  ["time-calls-exponential", timeCallsExponential, "part.out_of_fuel"],
  ["time-chase", timeChase, "part.out_of_fuel"],
  ["time-fill-loop", timeFillLoop, "part.out_of_fuel"],
  ["time-host-stderr", timeHostStderr, "part.out_of_fuel"],
  ["stack-recursion", stackRecursion, "part.trapped"],
  ["stack-recursion-host", stackRecursionHost, "part.trapped"],
  ["memory-grow-loop", memoryGrowLoop, "part.out_of_memory"],
  ["memory-table-grow", memoryTableGrow, "part.trapped"],
  ["trap-division", trapDivision, "part.trapped"],
  ["output-flood", outputFlood, "part.output_too_large"],
  ["output-utf8", outputUtf8, "part.bad_output"],
  ["output-deep", outputDeep, "part.bad_output"],
  ["output-json-nan", outputJsonNan, "part.bad_output"],
  ["output-exit", outputExit, "part.exited"],
  ["output-error-code", outputErrorCode, "part.failed"],
];
/** Enough for the stack to end first. */
const FUEL = 200_000_000;

/** The parts of the build; a run that pinned the name of a hostile module gets that one. */
function createHostileLibrary(): PartLibrary {
  const built = createPartLibrary({ manifests: PART_MANIFESTS, ...PART_BYTES }, store, createPartLoader(undefined, store));
  const hash = PART_MANIFESTS["hash"];
  return {
    find(tenant, name, digest) {
      const module = HOSTILE.find(([each]) => each === digest)?.[1];
      return module && hash ? { manifest: { ...hash, fuel: FUEL }, run: (run) => runPart(module, run) } : built.find(tenant, name, digest);
    },
  };
}

const plan = planFor({ flow: ["input >> ON_SUCCESS >> harm"], config: { harm: { component: "hash", op: "sha256", text: "x" } } });

describe("hostile parts in a batch with good ones", () => {
  it("each fail with their own code, and the runs beside them succeed", async () => {
    const { deps, logged } = createTestRunner({ parts: createHostileLibrary() });
    const hostile = await Promise.all(HOSTILE.map(([name]) => started(name, plan, { digests: { hash: name } })));
    const good = await Promise.all(HOSTILE.map(([name]) => started(`beside-${name}`, chain("one"))));
    const hints = HOSTILE.flatMap(([name]) => [hintFor(name, "harm"), hintFor(`beside-${name}`, "one")]);
    expect(await deliver("arcrun-steps", hints, (batch) => consume(batch, stepsLane, deps))).toEqual(settled(hints.map((_, i) => `m${i}`)));
    const views = await Promise.all(hostile.map(({ run }) => run.view({ offset: 0, limit: 10 })));
    expect(views.map((view, i) => [HOSTILE[i]?.[0], view?.summary.status, view?.error?.code])).toEqual(
      HOSTILE.map(([name, , code]) => [name, "failed", code]),
    );
    const fuel = views.map((view) => view?.steps.find(({ key }) => key === "harm")?.fuel ?? Infinity);
    expect(Math.max(...fuel)).toBeLessThanOrEqual(FUEL);
    const done = [["run.started"], ["step.succeeded", "one"], ["run.ended"]];
    expect(await Promise.all(good.map(({ stub }) => eventsOf(stub)))).toEqual(good.map(() => done));
    expect(logged).toEqual([]);
  });

  it("leave nothing behind for the next run of the same bytes", () => {
    const run = { stdin: new Uint8Array(), exchanges: [], fuel: FUEL, nowMs: 0, seed: new Uint8Array(1), maxStdoutBytes: 10 };
    const answers = Array.from({ length: 50 }, () => runPart(leftoverCanary, run)).map((outcome) =>
      outcome.kind === "answered" ? new TextDecoder().decode(outcome.stdout) : outcome.kind,
    );
    expect(new Set(answers)).toEqual(new Set(["true"]));
  });
});
