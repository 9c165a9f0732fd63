/**
 * Runs parts that are not in the bundle, each in an isolate of its own that the Worker Loader makes of its bytes.
 *
 * 1. An isolate is named by the hashes of its bytes and of the host around them, so one that is kept is always the right one. It is
 *    shared by all who run these bytes: nothing outlives a run, because every run is a fresh instance.
 * 2. A part is a pure function of its input and its exchanges, so a run that broke off is repeated without harm.
 * 3. The platform lets one request have four of these isolates at work: `settle-batch.ts` executes no more steps than that at once.
 */
import { JS_PART_ISOLATE, JS_PART_ISOLATE_ID, PART_ISOLATE, PART_ISOLATE_ID } from "../../generated/part-isolate.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import { MAX_RPC_BYTES } from "../../shared/model/limits.ts";
import type { PartManifest } from "../../shared/part-manifest.ts";
import type { PartStore, StoredPart } from "../../shared/ports.ts";
import type { PartOutcome, PartRun } from "./part-host.ts";

/** What is loaded: the SHA-256 of a stored module and, of a part in JavaScript, of the image or the source that its engine is given. */
export type LoadedCode = Pick<StoredPart, "module" | "image" | "source"> & { readonly manifest: Pick<PartManifest, "memoryMib"> };

export type PartLoader = {
  /** Throws `part.not_found`, `part.no_loader`, `part.isolate_failed`, `part.input_too_large`. */
  run(code: LoadedCode, run: PartRun): Promise<PartOutcome>;
};

const COMPATIBILITY_DATE = "2026-10-01";
const TRIES = 2;
const MAX_SEEN = 1000;
const MAX_REASON_CHARS = 300;
const RPC_ENVELOPE_BYTES = 64 * 1024;

/** What this Worker knows of a module. */
type Seen = { readonly failures: number; readonly isLoaded: boolean };
type Bytes = { readonly wasm: ArrayBuffer; readonly program: ArrayBuffer | undefined };
type Isolate = { run(run: PartRun): Promise<PartOutcome> };

/** `loader` is absent where the plan of the account has none. */
export function createPartLoader(loader: WorkerLoader | undefined, store: Pick<PartStore, "module" | "image" | "source">): PartLoader {
  const seen = new Map<string, Seen>();
  const note = (name: string, now: Seen): void => {
    if (seen.size >= MAX_SEEN) seen.clear();
    seen.set(name, now);
  };
  const programOf = ({ image, source }: LoadedCode) =>
    image === undefined ? (source === undefined ? undefined : store.source(source)) : store.image(image);
  const bytesOf = async (code: LoadedCode): Promise<Bytes> => {
    const [wasm, program] = await Promise.all([store.module(code.module), programOf(code)]);
    return { wasm, program };
  };
  return {
    async run(code, run) {
      if (loader === undefined) throw noLoader();
      checkSize(run);
      const name = nameOf(code);
      for (let left = TRIES - 1; ; left -= 1) {
        const { failures, isLoaded } = seen.get(name) ?? { failures: 0, isLoaded: false };
        // Read before it is asked for: the loader tells nobody why it could not load.
        const bytes = isLoaded ? undefined : await bytesOf(code);
        const stub = loader.get(triedName(name, failures), async () => workerOf(bytes ?? (await bytesOf(code)), code));
        try {
          // The entrypoint is `PartIsolate`; the platform's types know it only by its Worker.
          const outcome = await (stub.getEntrypoint() as unknown as Isolate).run(run);
          if (!isLoaded) note(name, { failures, isLoaded: true });
          return outcome;
        } catch (thrown) {
          note(name, { failures: failures + 1, isLoaded: false });
          if (left === 0) throw isolateFailed(thrown);
        }
      }
    },
  };
}

function nameOf({ module, image, source, manifest }: LoadedCode): string {
  const program = image ?? source;
  return program === undefined ? `${module}-${PART_ISOLATE_ID}` : `${module}-${program}-${manifest.memoryMib}-${JS_PART_ISOLATE_ID}`;
}

/** A loader remembers a failure under its name for good: the next try needs another name. */
const triedName = (name: string, failures: number): string => (failures === 0 ? name : `${name}-${failures}`);

function workerOf({ wasm, program }: Bytes, { manifest, source }: LoadedCode): WorkerLoaderWorkerCode {
  const common = { compatibilityDate: COMPATIBILITY_DATE, mainModule: "part-isolate.js", globalOutbound: null };
  if (program === undefined) return { ...common, modules: { "part-isolate.js": PART_ISOLATE, "part.wasm": { wasm } }, env: {} };
  const modules = { "part-isolate.js": JS_PART_ISOLATE, "part.wasm": { wasm }, "program.bin": { data: program } };
  return { ...common, modules, env: { MEMORY_MIB: manifest.memoryMib, IS_SOURCE: source !== undefined } };
}

function checkSize({ stdin, exchanges }: PartRun): void {
  const bytes = exchanges.reduce((sum, { resultBytes }) => sum + resultBytes.byteLength, stdin.byteLength + RPC_ENVELOPE_BYTES);
  if (bytes <= MAX_RPC_BYTES) return;
  throw new ArcrunError(
    "part.input_too_large",
    `a part that is not in the bundle takes ${MAX_RPC_BYTES} bytes of input and answers of its calls, these are ${bytes}`,
  );
}

const noLoader = (): ArcrunError =>
  new ArcrunError(
    "part.no_loader",
    "this part is not in the bundle, and this deploy has no Worker Loader to run it; add the binding LOADER, or deploy with the part in the bundle",
  );

function isolateFailed(cause: unknown): ArcrunError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).slice(0, MAX_REASON_CHARS);
  return new ArcrunError("part.isolate_failed", `the isolate of the part could not be started or broke off: ${reason}`, { cause });
}
