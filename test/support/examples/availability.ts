/** Whether the engine has what an example shows. A row is skipped by what the parser itself says, so it runs as soon as that is built. */
import { createComponents } from "../../../shared/components.ts";
import type { Issue } from "../../../shared/model/errors.ts";
import { parseDocument } from "../../../shared/model/definition/parse-document.ts";
import { parseWorkflow } from "../../../shared/model/definition/parse-workflow.ts";
import { sha256Hex } from "../definitions.ts";

const catalogue = createComponents();

/** What is missing, or `undefined`. Every other mistake is a mistake of the example. */
export function missingFor(yaml: string): string | undefined {
  const result = parseWorkflow(parseDocument(yaml, "yaml").value, { catalogue, sha256Hex });
  const issues = result.ok ? result.workflow.warnings : result.errors;
  return issues.map(missingIn).find((one) => one !== undefined);
}

function missingIn({ code, detail }: Issue): string | undefined {
  return code === "config.unknown_component" && detail.includes('"approval"') ? "approval" : undefined;
}
