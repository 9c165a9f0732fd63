import { z } from "zod";
import { type Operations, withOperations } from "./model/definition/operations.ts";

/** What the engine knows of a part: `part.yaml` with its defaults filled in, and the digest of the metered module. */
export type PartManifest = {
  readonly name: string;
  readonly summary: string;
  readonly category: string;
  /** semver */
  readonly version: string;
  /** What a configured node gives the part: its resolved config, or the whole context with the config laid over it. */
  readonly receives: "params" | "context";
  /** What running it again may do: nothing, the same with the same key, or harm. */
  readonly effects: "pure" | "idempotent" | "once";
  readonly mayPause: boolean;
  /** The host calls that are granted. */
  readonly calls: readonly string[];
  readonly httpHosts: "any" | readonly string[];
  /** Instructions of one run. */
  readonly fuel: number;
  readonly memoryMib: number;
  /** Of one attempt, with the time that its calls take. */
  readonly timeoutMs: number;
  /** JSON Schemas. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Of a part with several operations: the fields that each needs. Empty for others. */
  readonly operations: Operations;
  readonly output: Readonly<Record<string, unknown>>;
  readonly aliases: readonly string[];
  readonly tags: readonly string[];
  /** SHA-256 of the metered module, in hex; of an uploaded part, of its module and manifest. Empty until that is known. */
  readonly digest: string;
};

const DEFAULT_FUEL = 500_000_000;
const MAX_FUEL = 5_000_000_000;
const DEFAULT_MEMORY_MIB = 32;
const MAX_MEMORY_MIB = 64;
const DEFAULT_TIMEOUT = "60s";
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

const partName = z.string().regex(/^[a-z][a-z0-9_]*$/, "expected lower case letters, digits and _, beginning with a letter");
const word = z.string().min(1);
const jsonSchema = z.record(z.string(), z.unknown());

const duration = z.string().transform((text, context) => {
  const match = /^(\d+)(ms|s|m|h)$/.exec(text);
  // the expression allows no other unit
  if (match !== null) return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  context.addIssue({ code: "custom", message: "expected a duration such as 500ms, 60s or 5m" });
  return z.NEVER;
});

const partYaml = z.strictObject({
  name: partName,
  summary: word,
  category: word,
  version: z.string().regex(/^\d+\.\d+\.\d+$/, "expected a version such as 1.0.0"),
  receives: z.enum(["params", "context"]).default("params"),
  effects: z.enum(["pure", "idempotent", "once"]),
  may_pause: z.boolean().default(false),
  calls: z.array(word).default([]),
  http: z.strictObject({ hosts: z.union([z.literal("any"), z.array(word)]) }).optional(),
  limits: z
    .strictObject({
      fuel: z.number().int().positive().max(MAX_FUEL).default(DEFAULT_FUEL),
      memory_mib: z.number().int().positive().max(MAX_MEMORY_MIB).default(DEFAULT_MEMORY_MIB),
      timeout: duration.prefault(DEFAULT_TIMEOUT),
    })
    .prefault({}),
  input: jsonSchema,
  operations: z.record(word, z.array(word)).default({}),
  output: jsonSchema,
  aliases: z.array(partName).default([]),
  tags: z.array(word).default([]),
});

/**
 * Reads a parsed `part.yaml`.
 * @param digest SHA-256 of the metered module, in hex
 * @throws ZodError that names each field that is wrong; a field that is not known is one
 */
export function parsePartManifest(document: unknown, digest: string): PartManifest {
  const { may_pause, http, limits, ...same } = partYaml.parse(document);
  return {
    ...same,
    input: withOperations(same.input, same.operations),
    mayPause: may_pause,
    httpHosts: http?.hosts ?? [],
    fuel: limits.fuel,
    memoryMib: limits.memory_mib,
    timeoutMs: limits.timeout,
    digest,
  };
}
