/** Which list a FOREACH goes through. Decided once, when its node has succeeded, and logged (R8). */
import type { Sight } from "./edges.ts";
import { ArcrunError } from "./errors.ts";
import { evaluate, parseExpression } from "./expression/expression.ts";
import { MAX_ITEMS } from "./limits.ts";
import { type Edge, START_NODE } from "./plan.ts";

export type FoundList = { readonly loop: number; readonly items: readonly unknown[] };

/** One for each loop that leaves the node. Throws `foreach.not_a_list`, `foreach.too_many_items`, and what an expression throws. */
export function findLists(edges: readonly Edge[], node: string, data: unknown, sight: () => Sight): readonly FoundList[] {
  const found = new Map<number, readonly unknown[]>();
  for (const { relation } of edges) {
    if (relation.kind !== "foreach" || found.has(relation.loop)) continue;
    const { loop, variable, list } = relation;
    const items = list === undefined ? findByName(data, variable, node) : evaluateList(list, variable, node, sight());
    if (items.length > MAX_ITEMS)
      throw new ArcrunError(
        "foreach.too_many_items",
        `FOREACH ${variable} after "${node}": a loop may have ${MAX_ITEMS} items, found ${items.length}`,
      );
    found.set(loop, items);
  }
  return [...found].map(([loop, items]) => ({ loop, items }));
}

function evaluateList(expression: string, variable: string, node: string, { scope, names }: Sight): readonly unknown[] {
  const value = evaluate(parseExpression(expression, names), scope);
  return Array.isArray(value) ? value : refuse(`{{${expression}}} of FOREACH ${variable} after "${node}" is no list`);
}

/** The field that is called like the item, or its plural; else the data itself. */
function findByName(data: unknown, variable: string, node: string): readonly unknown[] {
  const fields = [variable, ...pluralsOf(variable)];
  for (const field of fields) {
    const value =
      typeof data === "object" && data !== null && Object.hasOwn(data, field)
        ? Object.getOwnPropertyDescriptor(data, field)?.value
        : undefined;
    if (Array.isArray(value)) return value;
  }
  if (Array.isArray(data)) return data;
  const place = node === START_NODE ? node : `${node}.data`;
  return refuse(
    `the data of "${node}" is no list and has none called ${fields.join(", ")}; write where it is: FOREACH ${variable} IN {{${place}.…}}`,
  );
}

const pluralsOf = (word: string): readonly string[] => [
  ...(word.endsWith("y") ? [`${word.slice(0, -1)}ies`] : []),
  `${word}s`,
  `${word}es`,
];

function refuse(message: string): never {
  throw new ArcrunError("foreach.not_a_list", message);
}
