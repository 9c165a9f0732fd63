/** Paths with hyphens in their names, which elsewhere would be subtractions. */
import type { Ast } from "./expression-ast.ts";
import { deepen, type Parser } from "./expression-cursor.ts";
import { matchAt, readFirstName, readToken, skipSpace } from "./expression-lexer.ts";

const PATH_STEP = /\.[ \t]*[\p{ID_Continue}][\p{ID_Continue}-]*|\[\s*(?:\d+|"[^"\\]*"|'[^'\\]*')\s*\]/uy;

/**
 * A path whose later names hold hyphens: taken as such where nothing but a path can be meant, which is when it is the
 * whole expression, the left side of `??`, or the argument of has(). Elsewhere a hyphen subtracts.
 */
export function parsePlainPath(parser: Parser, inHas: boolean): Ast | undefined {
  const { source, token } = parser;
  if (token.kind !== "name") return undefined;
  let end = token.start + readFirstName(source, token.start).length;
  let path: Ast = { kind: "name", name: token.value, start: token.start, end };
  for (;;) {
    const written = matchAt(PATH_STEP, source.text, end);
    if (written === "") break;
    end += written.length;
    deepen(parser);
    const start: number = path.start;
    if (written.startsWith(".")) path = { kind: "field", target: path, name: written.slice(1).trim(), start, end };
    else {
      const inside = written.slice(1, -1).trim();
      const value = /^\d/.test(inside) ? Number(inside) : inside.slice(1, -1);
      path = {
        kind: "index",
        target: path,
        index: { kind: "literal", value, start: end - written.length + 1, end: end - 1 },
        start,
        end,
      };
    }
  }
  const after = source.text.slice(skipSpace(source.text, end), skipSpace(source.text, end) + 2);
  const isWhole = after === "" && source.text.slice(0, token.start).trim() === "";
  const isPlain = source.text.slice(token.end, end).includes("-") && (isWhole || after === "??" || (inHas && after.startsWith(")")));
  if (!isPlain) return undefined;
  parser.token = readToken(source, end, false);
  return path;
}
