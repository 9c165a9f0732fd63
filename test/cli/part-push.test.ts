import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { answering, manifestFields } from "../support/part-uploads.ts";
import { apiKey } from "../workers/fake-stores.ts";
import { commandLine } from "./acr.ts";
import { servedIngress } from "./served-ingress.ts";

const { home, acr, json } = commandLine();
const { url: servedUrl, laid } = servedIngress();
let url = "";
beforeAll(() => {
  url = servedUrl();
  mkdirSync(join(home, "greeter"));
  writeFileSync(join(home, "greeter/part.yaml"), JSON.stringify(manifestFields()));
  writeFileSync(join(home, "greeter/part.wasm"), answering("hello"));
});

const PUSH = ["part", "push", "greeter", "--wasm", "greeter/part.wasm"];

describe("acr part push", () => {
  it("uploads with the address and the key of the environment, and again without harm", async () => {
    const env = { ARCRUN_URL: `${url}/`, ARCRUN_API_KEY: apiKey("owner") };
    const [first, second] = [await json(PUSH, env), await json(PUSH, env)];
    const [digest] = [...laid.keys()];
    const answer = { ok: true, url, name: "greeter", version: "1.0.0", digest, created: true, warnings: [] };
    expect([first, second]).toEqual([
      { code: 0, answer },
      { code: 0, answer: { ...answer, created: false } },
    ]);
  });

  it("takes the key of an engine that runs in the same folder", async () => {
    mkdirSync(join(home, ".arcrun"));
    writeFileSync(join(home, ".arcrun/api-key"), `${apiKey("owner")}\n`);
    expect(await acr([...PUSH, "--url", url])).toMatchObject({ code: 0, out: expect.stringContaining("was there already") });
  });

  it("fails with what the engine says", async () => {
    const refused = await json(PUSH, { ARCRUN_URL: url, ARCRUN_API_KEY: apiKey("read") });
    expect([refused.code, refused.answer["error"]]).toMatchObject([1, { code: "forbidden" }]);
    writeFileSync(join(home, "greeter/part.yaml"), JSON.stringify(manifestFields({ name: "set" })));
    const taken = await acr(PUSH, { ARCRUN_URL: url, ARCRUN_API_KEY: apiKey("owner") });
    expect([taken.code, taken.err]).toEqual([1, expect.stringMatching(/set is the name of a built-in component[^]*\/manifest\/name/)]);
  });

  it("says that it cannot reach the engine, or lacks a key", async () => {
    const env = { ARCRUN_API_KEY: apiKey("owner") };
    expect(await json(PUSH, { ...env, ARCRUN_URL: "http://127.0.0.1:9" })).toMatchObject({
      code: 3,
      answer: { error: { code: "not_reachable" } },
    });
    expect(await acr(PUSH, { ...env, ARCRUN_URL: "ftp://x" })).toMatchObject({ code: 2 });
    expect(await acr(PUSH, { ARCRUN_DATA_DIR: "elsewhere" })).toMatchObject({ code: 2, err: expect.stringContaining("ARCRUN_API_KEY") });
  });
});
