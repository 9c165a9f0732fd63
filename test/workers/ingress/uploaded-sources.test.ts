import { describe, expect, it } from "vitest";
import { JS_ENGINE_SHA256 } from "../../../generated/part-manifests.ts";
import { sha256Hex } from "../../../shared/ids.ts";
import { MAX_PART_SOURCE_BYTES } from "../../../shared/model/limits.ts";
import { upload, uploadSource } from "../../support/part-uploads.ts";
import { ingress, type Sent } from "./fake-ingress.ts";

const digestOf = ({ body }: { body: Record<string, unknown> | null }): string => String(body?.["digest"]);
const both = () => {
  const form = upload();
  form.set("source", "export default () => 1;");
  return form;
};

describe("pushing a part in JavaScript", () => {
  const SOURCE = "export default () => 1;";

  it("stores its source as it is, for the engine of this build", async () => {
    const { call, laid, deps } = ingress();
    const { status, body } = await call("POST", "/parts", { body: uploadSource({}, SOURCE) });
    const [[digest, stored] = ["", undefined]] = laid;
    const answer = { success: true, name: "greeter", version: "1.0.0", digest, created: true, module_bytes: SOURCE.length, warnings: [] };
    expect([status, body]).toEqual([201, answer]);
    expect(stored).toEqual({ manifest: expect.anything(), module: JS_ENGINE_SHA256, source: sha256Hex(SOURCE), bytes: SOURCE.length });
    expect(await deps.uploadedParts.list("default")).toEqual([{ manifest: stored?.manifest, createdAt: deps.now() }]);
  });

  it("a second time changes nothing, and another source or another manifest is another version", async () => {
    const { call } = ingress();
    const forms = [
      uploadSource({}, SOURCE),
      uploadSource({}, SOURCE),
      uploadSource({}, `${SOURCE} `),
      uploadSource({ version: "1.0.1" }, SOURCE),
    ];
    const digests = [];
    for (const body of forms) digests.push(digestOf(await call("POST", "/parts", { body })));
    expect(digests[1]).toBe(digests[0]);
    expect(new Set(digests).size).toBe(3);
  });
});

describe("a push of a source that is refused", () => {
  it.each<[string, number, string, Sent, string?]>([
    ["with a module and a source", 422, "validation_failed", { body: both() }, "/source"],
    ["with an empty source", 422, "validation_failed", { body: uploadSource({}, "") }, "/source"],
    ["with a source that is not UTF-8", 400, "utf8_invalid", { body: uploadSource({}, Uint8Array.of(0xff)) }],
    [
      "with a source that is too long",
      422,
      "validation_failed",
      { body: uploadSource({}, new Uint8Array(MAX_PART_SOURCE_BYTES + 1)) },
      "/source",
    ],
    [
      "in JavaScript under the name of a built-in part",
      409,
      "part_name_taken",
      { body: uploadSource({ name: "set" }, "1") },
      "/manifest/name",
    ],
  ])("%s", async (_, status, code, sent, pointer) => {
    const { call, laid, deps } = ingress();
    const answer = await call("POST", "/parts", sent);
    expect([answer.status, answer.body?.["code"]]).toEqual([status, code]);
    if (pointer !== undefined) expect(answer.body?.["errors"]).toEqual([expect.objectContaining({ pointer })]);
    expect([laid.size, await deps.uploadedParts.list("default")]).toEqual([0, []]);
  });
});
