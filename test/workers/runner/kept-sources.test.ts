import { expect, it } from "vitest";
import { MAX_PART_SOURCE_BYTES } from "../../../shared/model/limits.ts";
import { createKeptSources } from "../../../workers/runner/kept-sources.ts";

it("asks for a source once, until there is no room and others were asked for since", async () => {
  const read: string[] = [];
  const largest = new TextEncoder().encode("x".repeat(MAX_PART_SOURCE_BYTES));
  const source = (hash: string) => {
    read.push(hash);
    return Promise.resolve(largest.slice().buffer);
  };
  const sources = createKeptSources({ source });
  const eight = Array.from({ length: 8 }, (_, i) => `${i}`);
  for (const hash of [...eight, ...eight, "0"]) await sources.of(hash);
  expect(read).toEqual(eight);
  await sources.of("8"); // takes the place of 1: 0 was asked for since
  await sources.of("0");
  await sources.of("1");
  expect(read).toEqual([...eight, "8", "1"]);
});

it("gives the text, and keeps nothing of one that could not be read", async () => {
  let isThere = false;
  const bytes = new TextEncoder().encode("export default '世界';");
  const sources = createKeptSources({
    source: () => (isThere ? Promise.resolve(bytes.slice().buffer) : Promise.reject(new Error("gone"))),
  });
  await expect(sources.of("a")).rejects.toThrow("gone");
  isThere = true;
  expect(await sources.of("a")).toBe("export default '世界';");
});
