/** The parser's place in its text, and the bound on its depth. */
import type { Ast } from "./expression-ast.ts";
import { readToken, refuse, type Source, type Token } from "./expression-lexer.ts";

const MAX_NESTING = 500;

/**
 * `bound` are the variables of the macros around the place. `nesting` counts open recursions and the links of left-leaning
 * chains, so it bounds the depth of the tree, and with it the stack of everything that walks the tree.
 */
export type Parser = {
  readonly source: Source;
  readonly bound: string[];
  token: Token;
  nesting: number;
};

/** Runs one level deeper, and forgets on return what the chain inside added. */
export function nested(parser: Parser, parse: () => Ast): Ast {
  const before = parser.nesting;
  deepen(parser);
  const ast = parse();
  parser.nesting = before;
  return ast;
}

export function deepen(parser: Parser): void {
  parser.nesting += 1;
  if (parser.nesting > MAX_NESTING) refuse(parser.source.text, parser.token.start, "nested too deeply");
}

export function advance(parser: Parser, afterDot = false): void {
  parser.token = readToken(parser.source, parser.token.end, afterDot);
}

export const isSymbol = ({ token }: Parser, symbol: string): boolean => token.kind === "symbol" && token.value === symbol;
export const isOperator = (token: Token): boolean => token.kind === "symbol" || (token.kind === "name" && token.value === "in");

export function take(parser: Parser, symbol: string, afterDot = false): boolean {
  if (!isSymbol(parser, symbol)) return false;
  advance(parser, afterDot);
  return true;
}

/** Consumes the symbol and answers the offset behind it. */
export function expect(parser: Parser, symbol: string): number {
  const { end } = parser.token;
  return take(parser, symbol) ? end : unexpected(parser, `"${symbol}"`);
}

export function unexpected({ source, token }: Parser, wanted: string): never {
  const found = token.kind === "end" ? "the end" : JSON.stringify(source.text.slice(token.start, token.end));
  return refuse(source.text, token.start, `expected ${wanted}, found ${found}`);
}
