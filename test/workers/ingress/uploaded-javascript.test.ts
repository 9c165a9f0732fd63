import { expect, it } from "vitest";
import { JS_ENGINE_SHA256 } from "../../../generated/part-manifests.ts";
import { answering, fileOf, upload } from "../../support/part-uploads.ts";
import { ingress } from "./fake-ingress.ts";

it("a push takes JavaScript as it is, under a digest of engine, source and manifest", async () => {
  const { call, laid } = ingress();
  const form = (source: string) => {
    const one = upload();
    one.delete("wasm");
    one.set("source", new Blob([source]), "part.js");
    return one;
  };
  const pushed = [await call("POST", "/parts", { body: form("export default () => 1") })];
  for (const source of ["export default () => 1", "export default () => 2"])
    pushed.push(await call("POST", "/parts", { body: form(source) }));
  expect(pushed.map(({ status, body }) => [status, body?.["module_bytes"]])).toEqual([
    [201, 22],
    [200, 22],
    [201, 22],
  ]);
  expect([...laid.values()]).toMatchObject(
    [1, 2].map(() => ({ module: JS_ENGINE_SHA256, source: expect.stringMatching(/^[0-9a-f]{64}$/) })),
  );
  const both = form("export default () => 1");
  both.set("wasm", fileOf(answering("hi")), "part.wasm");
  expect((await call("POST", "/parts", { body: both })).body).toMatchObject({
    code: "validation_failed",
    errors: [{ pointer: "/source" }],
  });
});
