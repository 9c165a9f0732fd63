import { expect, it } from "vitest";
import { createComponents } from "../../shared/components.ts";
import { ENGINE_WORDS } from "../../shared/engine-words.ts";
import { renderLanguageDocs } from "../../shared/language-docs.ts";
import { RELATIONS } from "../../shared/model/definition/relations.ts";
import { read } from "./documents.ts";

const PAGE = read("docs/workflow-language.md");
const components = createComponents();

it("The page about the language says what the tables of the parser say", () => {
  const example = (name: string): string => read(`examples/workflows/${name}.yaml`);
  expect(PAGE, "the page is stale: run `npm run docs`").toBe(renderLanguageDocs({ components, example }));
});

it("It knows every word for a relation, and every component of the engine", () => {
  expect(RELATIONS.flatMap((row) => row.words).filter((word) => !PAGE.includes(word))).toEqual([]);
  const engine = [...components.names()].filter((name) => components.find(name)?.kind === "engine");
  expect(engine.filter((name) => !Object.hasOwn(ENGINE_WORDS, name))).toEqual([]);
});
