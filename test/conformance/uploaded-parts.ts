/** What every `UploadedParts` must do. Tenants of their own keep the tests apart. */
import { describe, expect, it } from "vitest";
import { contractOf, partInfo } from "../../shared/part-info.ts";
import { type PartManifest, parsePartManifest } from "../../shared/part-manifest.ts";
import type { UploadedParts } from "../../shared/ports.ts";

const PURE = contractOf({ receives: "params", effects: "pure", lane: "steps", mayPause: false });
const ONCE = contractOf({ receives: "params", effects: "once", lane: "steps", mayPause: false });

const manifest = (name: string, digest: string, effects: PartManifest["effects"] = "pure"): PartManifest =>
  parsePartManifest({ name, summary: "s", category: "c", version: "1.0.0", effects, input: {}, output: { type: "object" } }, digest);
const part = (name: string, digest: string, effects: PartManifest["effects"] = "pure", createdAt = 1) => ({
  manifest: manifest(name, digest, effects),
  createdAt,
});

export function describeUploadedParts(name: string, of: () => UploadedParts): void {
  describe(`uploaded parts (${name})`, () => {
    it("point at the version that was pushed last, also when an older one comes again", async () => {
      const parts = of();
      expect([await parts.push("a", part("one", "d1")), await parts.push("a", part("one", "d2", "pure", 2))]).toEqual([true, true]);
      expect(await parts.newest("a", ["one", "two"])).toEqual([part("one", "d2", "pure", 2)]);
      expect(await parts.push("a", part("one", "d1", "pure", 3))).toBe(false);
      expect(await parts.newest("a", ["one"])).toEqual([part("one", "d1")]);
      expect(await parts.digests("a", [{ name: "one", contract: PURE }])).toEqual({ one: "d1" });
    });

    it("give a plan the newest version of the contract that it was compiled for", async () => {
      const parts = of();
      await parts.push("b", part("one", "pure1"));
      await parts.push("b", part("one", "once1", "once"));
      await parts.push("b", part("two", "pure2"));
      const wanted = (...names: readonly string[]) => names.map((one) => ({ name: one, contract: PURE }));
      expect(contractOf(partInfo(manifest("one", "x", "once")))).toBe(ONCE);
      expect(await parts.digests("b", wanted("one", "two", "three"))).toEqual({ one: "pure1", two: "pure2" });
      expect(await parts.digests("b", [{ name: "one", contract: ONCE }])).toEqual({ one: "once1" });
      expect(await parts.digests("b", [{ name: "two", contract: ONCE }])).toEqual({});
      await parts.push("b", part("one", "pure3"));
      expect(await parts.digests("b", wanted("one"))).toEqual({ one: "pure3" });
    });

    it("are listed by name, the newest version of each", async () => {
      const parts = of();
      for (const one of [part("zebra", "z1"), part("ant", "a1"), part("ant", "a2")]) await parts.push("c", one);
      expect(await parts.list("c")).toEqual([part("ant", "a2"), part("zebra", "z1")]);
      expect(await parts.names("c")).toEqual(["ant", "zebra"]);
    });

    it("of one tenant are nothing to another", async () => {
      const parts = of();
      await parts.push("d", part("mine", "d1"));
      expect([
        await parts.newest("e", ["mine"]),
        await parts.digests("e", [{ name: "mine", contract: PURE }]),
        await parts.names("e"),
        await parts.list("e"),
        await parts.remove("e", "mine"),
      ]).toEqual([[], {}, [], [], false]);
      expect(await parts.push("e", part("mine", "d1"))).toBe(true);
    });

    it("are forgotten by name, and new when they come again", async () => {
      const parts = of();
      await parts.push("f", part("gone", "d1"));
      await parts.push("f", part("kept", "d1"));
      expect([await parts.remove("f", "gone"), await parts.remove("f", "gone")]).toEqual([true, false]);
      expect([await parts.names("f"), await parts.digests("f", [{ name: "gone", contract: PURE }])]).toEqual([["kept"], {}]);
      expect(await parts.push("f", part("gone", "d1"))).toBe(true);
    });
  });
}
