import { type Ast, isPath } from "./expression-ast.ts";

/**
 * A path that an expression may read. It ends where it gets dynamic (`a[input.i].x` reads `a`). `hasDefault` says that its
 * absence is provided for, by `??` or has(). `text` is the path as written, in full.
 */
export type PathRead = { readonly path: readonly (string | number)[]; readonly hasDefault: boolean; readonly text: string };

type Walk = { readonly text: string; readonly bound: readonly string[]; readonly hasDefault: boolean; readonly found: PathRead[] };

/** Every free path of the tree, in the order of the text; variables of macros are not free. */
export function collectPaths(ast: Ast, text: string): PathRead[] {
  const found: PathRead[] = [];
  walk(ast, { text, bound: [], hasDefault: false, found });
  return found;
}

function walk(ast: Ast, state: Walk): void {
  switch (ast.kind) {
    case "literal":
      return;
    case "name":
    case "field":
    case "index":
      return walkPath(ast, state);
    case "list":
    case "call":
      return (ast.kind === "list" ? ast.items : ast.args).forEach((part) => walk(part, state));
    case "map":
      return ast.entries.flat().forEach((part) => walk(part, state));
    case "unary":
      return walk(ast.operand, state);
    case "has":
      return walk(ast.operand, { ...state, hasDefault: true });
    case "binary":
      walk(ast.left, ast.operator === "??" ? { ...state, hasDefault: true } : state);
      return walk(ast.right, state);
    case "choice":
      return [ast.condition, ast.yes, ast.no].forEach((part) => walk(part, state));
    case "macro": {
      walk(ast.target, state);
      const inner = { ...state, bound: [...state.bound, ast.variable] };
      if (ast.filter !== undefined) walk(ast.filter, inner);
      return walk(ast.body, inner);
    }
  }
}

function walkPath(ast: Ast, state: Walk): void {
  const path = staticPath(ast);
  if (path !== undefined) {
    const isBound = typeof path[0] === "string" && state.bound.includes(path[0]);
    if (path.length > 0 && !isBound) state.found.push({ path, hasDefault: state.hasDefault, text: state.text.slice(ast.start, ast.end) });
  }
  for (let part = ast; part.kind === "field" || part.kind === "index"; part = part.target) {
    if (part.kind === "index") walk(part.index, state);
    if (!isPath(part.target)) walk(part.target, state);
  }
}

/** From the root up to the first dynamic index; undefined when it does not begin with a name. */
function staticPath(ast: Ast): (string | number)[] | undefined {
  const steps: (string | number | undefined)[] = [];
  let part = ast;
  for (; part.kind === "field" || part.kind === "index"; part = part.target) {
    if (part.kind === "field") steps.push(part.name);
    else
      steps.push(
        part.index.kind === "literal" && (typeof part.index.value === "string" || typeof part.index.value === "number")
          ? part.index.value
          : undefined,
      );
  }
  if (part.kind !== "name") return undefined;
  const path: (string | number)[] = [part.name];
  for (const step of steps.reverse()) {
    if (step === undefined) break;
    path.push(step);
  }
  return path;
}
