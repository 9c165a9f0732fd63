import { describe, expect, it } from "vitest";
import { PART_MANIFESTS } from "../../../generated/part-manifests.ts";
import { ingress } from "./fake-ingress.ts";

type Listed = { readonly name: string };
const app = ingress();
/** The body is whatever JSON came: asserted as a whole. */
const call = async (method: string, path: string, options: { key?: string | null } = {}) => {
  const { status, body } = await app.call(method, path, options);
  return { status, body: Object(body) };
};
const listed = async (path: string): Promise<readonly Listed[]> => (await call("GET", path)).body.parts;
const namesOf = async (path: string): Promise<readonly string[]> => (await listed(path)).map(({ name }) => name);

describe("GET /parts", () => {
  it("lists every part of the build, by name", async () => {
    const { status, body } = await call("GET", "/parts", { key: "read" });
    expect(status).toBe(200);
    expect(body.total).toBe(Object.keys(PART_MANIFESTS).length);
    expect(body.parts.map(({ name }: Listed) => name)).toEqual(Object.keys(PART_MANIFESTS).toSorted());
    expect(body.parts.find(({ name }: Listed) => name === "if_control")).toEqual({
      name: "if_control",
      summary: PART_MANIFESTS["if_control"]?.summary,
      category: "logic",
      version: "1.0.0",
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      origin: "built_in",
      effects: "pure",
      may_pause: false,
      receives: "params",
      aliases: ["if"],
      tags: ["branch", "condition"],
    });
  });

  it("finds parts by words and by category", async () => {
    expect(await namesOf("/parts?q=daemon%20ai")).toEqual(["claude_api"]);
    expect(await namesOf("/parts?q=REGEX-that-is-nowhere")).toEqual([]);
    expect(await namesOf("/parts?category=ai")).toEqual(["claude_api"]);
    expect(await namesOf("/parts?category=logic&q=loop")).toEqual(["foreach_control"]);
  });

  it("needs a key that may read", async () => {
    expect((await call("GET", "/parts", { key: null })).status).toBe(401);
    expect((await call("GET", "/parts", { key: "trigger" })).status).toBe(403);
    expect((await call("PUT", "/parts/set")).status).toBe(405);
  });
});

describe("GET /parts/:name", () => {
  it("tells all that a form or an agent must know", async () => {
    const { status, body } = await call("GET", "/parts/daemon_task", { key: "read" });
    expect(status).toBe(200);
    const { input, docs, examples, ...rest } = body;
    expect(rest).toMatchObject({
      name: "daemon_task",
      may_pause: true,
      operations: {},
      output: { description: expect.any(String) },
      limits: { fuel: 500_000_000, memory_mib: 64, timeout_ms: 60_000 },
      grants: { calls: ["http_request"], http_hosts: "any" },
    });
    expect(input).toMatchObject({ type: "object", required: ["url", "task"] });
    expect(docs).toMatch(/^# `daemon_task`\n[^]*## Examples\n/);
    expect(docs).not.toContain("callback_url:");
    expect(examples[0]).toEqual({
      name: "sends task and callback address, and pauses",
      given: expect.objectContaining({ task: "work" }),
      exchanges: [{ request: expect.objectContaining({ call: "http_request" }), result: expect.objectContaining({ status: 202 }) }],
      expect: { pending: true, task_id: "task_1" },
    });
  });

  it("knows the operations of a part, and what each needs", async () => {
    const { body } = await call("GET", "/parts/string_ops");
    expect(body.operations).toMatchObject({ upper: ["text"], replace: ["text", "search", "replacement"] });
    expect(body.input).toMatchObject({
      anyOf: [{ required: ["op"] }, { required: ["operation"] }],
      properties: { op: { enum: Object.keys(body.operations) } },
    });
  });

  it("finds a part by an alias, and nothing by a name that is none", async () => {
    expect((await call("GET", "/parts/if")).body.name).toBe("if_control");
    for (const name of ["nothing", "constructor", "__proto__"]) expect((await call("GET", `/parts/${name}`)).status).toBe(404);
  });
});
