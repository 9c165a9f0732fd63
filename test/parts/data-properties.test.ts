import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerOf, namedPart, runOn } from "./built-parts.ts";

const result = (value: unknown): unknown => ({ success: true, data: { result: value } });
const texts = fc.string({ unit: "binary" });
const NUM_RUNS = 500;

describe("url_ops", () => {
  const part = namedPart("url_ops");
  /** As Node reads it, and as the part names it. */
  const href = (url: string, base: string): string | null => {
    try {
      const { href, protocol } = new URL(url, base);
      return /^(?:https?|wss?):$/.test(protocol) ? href : null;
    } catch {
      return null;
    }
  };
  const pieces = fc.array(
    fc.constantFrom(
      ..."http: https:// // / \\ ? # @ : . .. ... %2e %41 %zz a B é ü 世 👋 [ ] [::1] [1:2::] 1 255 256 0x7f 08 127.1 a.example 80 443 99999 + = & ; ' \" < > ` { } | ~".split(
        " ",
      ),
      " ",
      "\t",
      "\u0000",
    ),
    { maxLength: 8 },
  );
  const address = fc.oneof(
    pieces.map((list) => list.join("")),
    fc.tuple(fc.constantFrom("http://", "HTTPS:", "ws:\\\\", "http://u:p@"), pieces).map(([start, list]) => start + list.join("")),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.tuple(fc.constantFrom("http://", "https://u@"), fc.ipV6(), fc.constant(":")).map(([start, host]) => `${start}[${host}]/`),
    fc.tuple(fc.constant("http://"), fc.ipV4Extended()).map(([start, host]) => start + host),
  );

  it.each(["https://base.example/one/two?x=1#y", "http://u:p@base.example:81"])("resolves like a browser on %s", (base) => {
    fc.assert(
      fc.property(address, (url) => {
        const expected = href(url, base);
        const answer = answerOf(runOn(part, { op: "resolve", url, base }));
        if (expected === null) expect(answer).toMatchObject({ success: false, error: { code: "url.invalid" } });
        else expect(answer).toEqual(result(expected));
      }),
      { numRuns: 3000 },
    );
  });

  it("reads and writes queries like a browser", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(texts, texts), { maxLength: 4 }), (pairs) => {
        const query = Object.fromEntries(pairs);
        const written = new URLSearchParams(query).toString();
        expect(answerOf(runOn(part, { op: "query_build", query }))).toEqual(result(written));
        expect(answerOf(runOn(part, { op: "query_parse", text: written }))).toEqual(
          result(Object.fromEntries(new URLSearchParams(written))),
        );
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("encodes and decodes like JavaScript", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(answerOf(runOn(part, { op: "encode", text }))).toEqual(result(encodeURIComponent(text)));
        expect(answerOf(runOn(part, { op: "decode", text: encodeURIComponent(text) }))).toEqual(result(text));
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe("base64", () => {
  const part = namedPart("base64");

  it("writes and reads bytes like Node", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, urlSafe) => {
        const written = Buffer.from(bytes).toString(urlSafe ? "base64url" : "base64");
        expect(answerOf(runOn(part, { op: "encode", bytes: [...bytes], url_safe: urlSafe }))).toEqual(result(written));
        expect(answerOf(runOn(part, { op: "decode", text: written, as: "bytes" }))).toEqual(result([...bytes]));
        const text = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(bytes);
        const isText = Buffer.from(text).equals(Buffer.from(bytes));
        const decoded = answerOf(runOn(part, { op: "decode", text: written }));
        if (isText) expect(decoded).toEqual(result(text));
        else expect(decoded).toMatchObject({ error: { code: "base64.not_text" } });
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe("json_ops", () => {
  const part = namedPart("json_ops");

  it("writes values like JSON.stringify, and reads them back", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(answerOf(runOn(part, { op: "stringify", value, indent }))).toEqual(result(text));
        expect(answerOf(runOn(part, { op: "parse", text }))).toEqual(result(JSON.parse(text)));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("loses nothing when it flattens", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "é", " ", "_"), minLength: 1, maxLength: 3 });
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, 1, "x"),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(name, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(name, tree, { maxKeys: 3, noNullPrototype: true }), (value) => {
        const flat = answerOf(runOn(part, { op: "flatten", value }));
        const back = answerOf(runOn(part, { op: "unflatten", value: Object(flat).data.result }));
        expect(back).toEqual(result(value));
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe("sort", () => {
  const part = namedPart("sort");
  const value = fc.oneof(fc.constant(null), fc.boolean(), fc.integer({ min: -3, max: 3 }), fc.constantFrom("", "a", "B", "a2", "a10", "ä"));
  const items = fc.array(fc.record({ k: value }), { maxLength: 30 });

  it("keeps every item, keeps equal ones in order, and is the other way round when descending but for null", () => {
    fc.assert(
      fc.property(items, (list) => {
        const numbered = list.map((item, i) => ({ ...item, i }));
        const sortedBy = (descending: boolean): { k: unknown; i: number }[] =>
          Object(answerOf(runOn(part, { items: numbered, by: "k", descending }))).data.items;
        const [up, down] = [sortedBy(false), sortedBy(true)];
        expect(up.toSorted((a, b) => a.i - b.i)).toEqual(numbered);
        const runs = (sorted: { k: unknown }[]): string[] =>
          sorted.map(({ k }) => JSON.stringify(k)).filter((k, i, all) => k !== all[i - 1]);
        const isThere = (k: string): boolean => k !== "null";
        expect(runs(down).filter(isThere)).toEqual(runs(up).filter(isThere).toReversed());
        for (const sorted of [up, down]) {
          expect(new Set(runs(sorted)).size).toBe(runs(sorted).length);
          for (const [n, { k, i }] of sorted.entries()) if (n > 0 && sorted[n - 1]?.k === k) expect(sorted[n - 1]?.i).toBeLessThan(i);
          expect(runs(sorted).indexOf("null")).toBeOneOf([-1, runs(sorted).length - 1]);
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe("uuid", () => {
  const part = namedPart("uuid");
  const uuids = (given: unknown, seed?: number): string[] => Object(answerOf(runOn(part, given, [], seed))).data.result;

  it.each([
    ["v4", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ["v7", /^019b76da-a800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ])("makes ids of %s: different ones, the same for the same step", (op, shape) => {
    const made = uuids({ op, count: 1000 });
    expect(new Set(made).size).toBe(1000);
    expect(made.filter((id) => !shape.test(id))).toEqual([]);
    expect(uuids({ op, count: 1000 })).toEqual(made);
    expect(uuids({ op, count: 1000 }, 1).filter((id) => made.includes(id))).toEqual([]);
    if (op === "v7") expect(made.toSorted()).toEqual(made);
  });

  it("makes one random id of nothing at all", () => {
    expect(uuids({})).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("text_chunk", () => {
  const part = namedPart("text_chunk");
  const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", ". ", "世", "👋", "é"), maxLength: 60 });

  it("gives pieces of the text, none too long, and leaves out nothing but white space", () => {
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 8 }),
        fc.constantFrom("characters", "words", "sentences"),
        (whole, size, more, unit) => {
          const overlap = Math.min(more, size - 1);
          const { chunks } = Object(answerOf(runOn(part, { text: whole, size, overlap, unit }))).data as {
            chunks: { text: string; start: number; end: number }[];
          };
          const points = Array.from(whole);
          const isCovered = points.map((point) => point.trim() === "");
          for (const { text: piece, start, end } of chunks) {
            expect(points.slice(start, end).join("")).toBe(piece);
            if (unit === "characters") expect(end - start).toBeLessThanOrEqual(size);
            isCovered.fill(true, start, end);
          }
          const isWorded = unit === "characters" || chunks.length > 0;
          if (isWorded) expect(isCovered).not.toContain(false);
        },
      ),
      { numRuns: NUM_RUNS },
    );
  });
});
