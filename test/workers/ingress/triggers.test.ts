import { describe, expect, it } from "vitest";
import { decodeInput, encodeTrigger } from "../../../shared/codec.ts";
import type { DeadLetter } from "../../../shared/message.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import type { StartRun } from "../../../shared/run-api.ts";
import { consumeTriggers } from "../../../workers/ingress/triggers.ts";
import { emptyPlan, fakeCatalogue, fakeHints, fakeRuns, fakeSlots, fakeUploadedParts, ids, inlinePayloads } from "../fake-stores.ts";
import { accept, type Answers } from "./fake-ingress.ts";

const version = { name: "w", version: "v1", description: "d", plan: emptyPlan, source: "", format: "yaml", createdAt: 0 } as const;

async function consumed(
  body: unknown,
  { answers = {}, attempts = 1, deskIsDown = false }: { answers?: Answers; attempts?: number; deskIsDown?: boolean } = {},
) {
  const runs = fakeRuns({ start: accept, ...answers });
  const catalogue = fakeCatalogue();
  await catalogue.push("t", version);
  const letters: DeadLetter[] = [];
  const ends: string[] = [];
  const message = {
    id: "m1",
    body,
    attempts,
    ack: () => void ends.push("ack"),
    retry: (options?: QueueRetryOptions) => void ends.push(`retry ${options?.delaySeconds}`),
  };
  const deps = {
    ids,
    runs,
    slots: fakeSlots(),
    startRate: { take: () => undefined },
    catalogue,
    uploadedParts: fakeUploadedParts(),
    payloads: inlinePayloads,
    hints: fakeHints(),
    teller: { tell: () => Promise.resolve() },
    newUnique: () => "u",
    now: () => 5,
    sendDeadLetter: (letter: DeadLetter) => (deskIsDown ? Promise.reject(new Error("down")) : Promise.resolve(void letters.push(letter))),
  };
  await consumeTriggers(deps, [message]);
  const started = runs.calls.map(({ args }) => args[0] as StartRun); // `start` is all that is called
  return { ends, letters, started };
}

const good = encodeTrigger({ tenant: "t", workflow: "w", input: { n: 1 } });

describe("a trigger message", () => {
  it("starts one run, the same one when it comes again", async () => {
    const [first, second] = [await consumed(good), await consumed(good, { attempts: 2 })];
    expect([first.ends, first.letters, first.started]).toEqual([
      ["ack"],
      [],
      [expect.objectContaining({ tenant: "t", input: { json: '{"n":1}' }, origin: { kind: "queue", depth: 0 } })],
    ]);
    expect(second.started[0]?.runId).toBe(first.started[0]?.runId);
  });

  it("is the delivery that its key says", async () => {
    const keyed = await consumed({ ...good, idempotency_key: "k" });
    expect(keyed.started[0]?.runId).toBe(ids.runId("t", JSON.stringify(["w", "queue", "k"])));
  });

  it.each<[string, unknown, string, string]>([
    ["is no object", "text", "message.unreadable", "default"],
    ["is of an unknown version", { ...good, v: 0 }, "message.unreadable", "t"],
    ["has an input that is no superjson", { ...good, input: "{" }, "message.unreadable", "t"],
    ["names no workflow of the tenant", { ...good, workflow: "other" }, "not_found", "t"],
  ])("that %s lies on the desk with its reason", async (_, body, code, tenant) => {
    const { ends, letters, started } = await consumed(body);
    expect([ends, started]).toEqual([["ack"], []]);
    expect(letters).toEqual([
      expect.objectContaining({
        tenant,
        runId: null,
        step: null,
        at: 5,
        input: JSON.stringify(body),
        error: expect.objectContaining({ code }),
      }),
    ]);
  });

  it("is tried again when the stores are down, and laid on the desk in the end", async () => {
    const answers = { start: () => Promise.reject(new ArcrunError("storage_unavailable", "down")) };
    expect(await consumed(good, { answers })).toEqual({ ends: ["retry 2"], letters: [], started: [expect.anything()] });
    expect((await consumed(good, { answers, attempts: 3 })).letters).toHaveLength(1);
  });

  it("of a newer version waits for the end of the roll-out, and lies on the desk when its tries are used up", async () => {
    const newer = { ...good, v: 2 };
    const waiting = { ends: ["retry 60"], letters: [], started: [] };
    for (const attempts of [1, 2, 3]) expect(await consumed(newer, { attempts })).toEqual(waiting);
    const { ends, letters, started } = await consumed(newer, { attempts: 4 });
    expect([ends, started, letters]).toEqual([
      ["ack"],
      [],
      [expect.objectContaining({ tenant: "t", error: expect.objectContaining({ code: "message.unreadable" }) })],
    ]);
  });

  it("is kept when the desk cannot be reached", async () => {
    expect((await consumed("text", { deskIsDown: true })).ends).toEqual(["retry 60"]);
  });
});

describe("the input of a message", () => {
  it("becomes plain JSON", () => {
    const input = {
      at: new Date(0),
      map: new Map([["a", 1n]]),
      pairs: new Map([[1, "x"]]),
      set: new Set([1, undefined]),
      big: 2n ** 70n,
      none: undefined,
    };
    const plain = { at: "1970-01-01T00:00:00.000Z", map: { a: 1 }, pairs: [[1, "x"]], set: [1, null], big: "1180591620717411303424" };
    expect(JSON.parse(JSON.stringify(decodeInput(encodeTrigger({ tenant: "t", workflow: "w", input }).input)))).toEqual(plain);
  });

  it("that is undefined is an empty object, and one that nests too deep is refused", () => {
    expect(decodeInput(encodeTrigger({ tenant: "t", workflow: "w", input: undefined }).input)).toEqual({});
    const deep = `{"json":${"[".repeat(80)}${"]".repeat(80)}}`;
    expect(() => decodeInput(deep)).toThrow(/deeper than 64/);
  });
});
