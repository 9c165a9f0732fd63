import fc from "fast-check";
import { expect, it } from "vitest";
import { createIds } from "../../shared/ids.ts";
import { StepHint } from "../../shared/message.ts";
import { MAX_ITEMS, MAX_LOOP_DEPTH, MAX_VERTEX_KEY_CHARS } from "../../shared/model/limits.ts";
import { stepKey } from "../../shared/model/run.ts";

const MAX_HINT_BYTES = 2048;
const ids = createIds("5a".repeat(32));

const tenant = fc.string({ unit: fc.constantFrom("a", "Z", "0", "_", "-"), minLength: 1, maxLength: 64 });
/** Of any script: those of three bytes are the longest for their length. */
const vertexKey = fc.string({ unit: fc.constantFrom("a", "節", "點", "_", "ﷺ", "𠀀"), minLength: 1, maxLength: MAX_VERTEX_KEY_CHARS / 2 });
const item = fc.array(fc.integer({ min: 0, max: MAX_ITEMS - 1 }), { maxLength: MAX_LOOP_DEPTH });
const LONGEST = ["Z".repeat(64), "節".repeat(MAX_VERTEX_KEY_CHARS), Array.from({ length: MAX_LOOP_DEPTH }, () => MAX_ITEMS - 1)] as const;

it("a hint can be read and has less than two kilobytes, whatever tenant, run and step are called", () => {
  const property = fc.property(tenant, vertexKey, item, (name, key, path) => {
    const hint = { v: 1, tenant: name, run: ids.runId(name, key), step: stepKey(key, path) };
    expect(StepHint.parse(JSON.parse(JSON.stringify(hint)))).toEqual(hint);
    expect(Buffer.byteLength(JSON.stringify(hint))).toBeLessThan(MAX_HINT_BYTES);
  });
  fc.assert(property, { numRuns: 300, examples: [[LONGEST[0], LONGEST[1], [...LONGEST[2]]]] });
});
