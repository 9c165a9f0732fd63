import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { createBuiltInParts } from "../../shared/part-catalogue.ts";
import { renderPartDocs, renderPartIndex } from "../../shared/part-docs.ts";
import { read } from "./documents.ts";

const FOLDER = "docs/parts";
const HINT = "the pages of the parts are stale: run `npm run docs`";
const parts = await createBuiltInParts().list("default");

it("the pages of the parts are one for each part, and a list", () => {
  expect(readdirSync(FOLDER).sort(), HINT).toEqual(["README.md", ...parts.map(({ manifest }) => `${manifest.name}.md`)].sort());
  expect(read(`${FOLDER}/README.md`), HINT).toBe(renderPartIndex(parts.map(({ manifest }) => manifest)));
});

it.each(parts.map((part) => ({ name: part.manifest.name, part })))(
  "the page of $name says what its manifest and cases say",
  ({ name, part }) => {
    expect(read(`${FOLDER}/${name}.md`), HINT).toBe(renderPartDocs(part.manifest, part.examples));
  },
);
