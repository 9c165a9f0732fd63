/**
 * A Pratt parser for the expressions of templates and conditions; `docs/decisions/0005-expressions.md` says why it is our own.
 * The token ahead was read with the variables bound when its predecessor was consumed; so a macro binds its variable before
 * it consumes the comma.
 */
import {
  type Ast,
  BINDING,
  FUNCTIONS,
  type FunctionName,
  isBinaryOperator,
  isFunctionName,
  isMacroName,
  isPath,
  MACROS,
  type MacroName,
} from "./expression-ast.ts";
import { advance, deepen, expect, isOperator, isSymbol, nested, type Parser, take, unexpected } from "./expression-cursor.ts";
import { type NameOracle, readToken, refuse, type Token } from "./expression-lexer.ts";
import { parsePlainPath } from "./expression-plain-path.ts";
import { nearestWord } from "../definition/nearest-word.ts";

const MAX_EXPRESSION_CHARS = 8_192;

const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** Parses the whole text. Throws `expression.invalid` with the position and what was expected there. */
export function parseSource(text: string, isKnownName: NameOracle): Ast {
  if (text.length > MAX_EXPRESSION_CHARS)
    refuse(text, MAX_EXPRESSION_CHARS, `an expression has at most ${MAX_EXPRESSION_CHARS} characters`);
  const bound: string[] = [];
  const isKnown: NameOracle = (name) => (bound.includes(name) ? true : isKnownName(name));
  const source = { text, isKnown };
  const parser: Parser = { source, bound, token: readToken(source, 0, false), nesting: 0 };
  const ast = parseExpressionAt(parser);
  if (parser.token.kind !== "end") unexpected(parser, "an operator or the end");
  return ast;
}

function parseExpressionAt(parser: Parser): Ast {
  return nested(parser, () => {
    const condition = parseBinary(parser, 1);
    if (!take(parser, "?")) return condition;
    const yes = parseExpressionAt(parser);
    expect(parser, ":");
    const no = parseExpressionAt(parser);
    return { kind: "choice", condition, yes, no, start: condition.start, end: no.end };
  });
}

function parseBinary(parser: Parser, weakest: number): Ast {
  return nested(parser, () => {
    let left = parseUnary(parser);
    for (;;) {
      const operator = parser.token.value;
      const binding = isOperator(parser.token) && isBinaryOperator(operator) ? (BINDING.get(operator) ?? 0) : 0;
      if (binding < weakest || !isBinaryOperator(operator)) return left;
      const at = parser.token.start;
      advance(parser);
      deepen(parser);
      // `??` leans to the right, the others to the left.
      const right = parseBinary(parser, operator === "??" ? binding : binding + 1);
      if (mixesDefault(operator, left) || mixesDefault(operator, right)) {
        refuse(parser.source.text, at, "?? beside && or || needs parentheses, to say which comes first");
      }
      left = { kind: "binary", operator, left, right, start: left.start, end: right.end };
    }
  });
}

/** Whether `a || b ?? c` was written without parentheses; those would make the side begin before its own first part. */
function mixesDefault(operator: string, side: Ast): boolean {
  if (side.kind !== "binary" || side.start !== side.left.start) return false;
  const logical = (name: string): boolean => name === "&&" || name === "||";
  return (operator === "??" && logical(side.operator)) || (logical(operator) && side.operator === "??");
}

function parseUnary(parser: Parser): Ast {
  const { value: operator, start, kind } = parser.token;
  if (kind !== "symbol" || (operator !== "!" && operator !== "-")) return parsePostfix(parser);
  return nested(parser, () => {
    advance(parser);
    const operand = parseUnary(parser);
    return { kind: "unary", operator, operand, start, end: operand.end };
  });
}

function parsePostfix(parser: Parser): Ast {
  return nested(parser, () => {
    let target = parsePlainPath(parser, false) ?? parsePrimary(parser);
    for (;;) {
      deepen(parser);
      const { start } = target;
      if (take(parser, ".", true)) target = parseMember(parser, target);
      else if (take(parser, "[")) {
        const index = parseExpressionAt(parser);
        target = { kind: "index", target, index, start, end: expect(parser, "]") };
      } else return target;
    }
  });
}

function parseMember(parser: Parser, target: Ast): Ast {
  const name = parser.token;
  if (name.kind !== "name") return unexpected(parser, "a name");
  advance(parser);
  const { start } = target;
  if (!isSymbol(parser, "(")) return { kind: "field", target, name: name.value, start, end: name.end };
  if (isMacroName(name.value)) return parseMacro(parser, target, name.value, name);
  if (!isFunctionName(name.value) || !FUNCTIONS[name.value].asMethod) return unknownFunction(parser, name, true);
  return parseCall(parser, name.value, name, [target]);
}

function parsePrimary(parser: Parser): Ast {
  const { token } = parser;
  const { kind, value, start, end } = token;
  if (kind === "number" || kind === "text") {
    advance(parser);
    return { kind: "literal", value: kind === "number" ? Number(value) : value, start, end };
  }
  if (kind === "name" && value !== "in") return parseName(parser);
  if (take(parser, "(")) {
    const inner = parseExpressionAt(parser);
    // The parentheses count as part of it: a message quotes them, and `mixesDefault` tells by them.
    return { ...inner, start, end: expect(parser, ")") };
  }
  if (take(parser, "[")) {
    const items = parseSeries(parser, "]", () => parseExpressionAt(parser));
    return { kind: "list", items, start, end: expect(parser, "]") };
  }
  if (take(parser, "{")) {
    const entries = parseSeries(parser, "}", (): readonly [Ast, Ast] => {
      const key = parseExpressionAt(parser);
      expect(parser, ":");
      return [key, parseExpressionAt(parser)];
    });
    return { kind: "map", entries, start, end: expect(parser, "}") };
  }
  return unexpected(parser, "a value");
}

function parseName(parser: Parser): Ast {
  const { token } = parser;
  const { value, start, end } = token;
  advance(parser);
  const literal = LITERALS.get(value);
  if (literal !== undefined) return { kind: "literal", value: literal, start, end };
  if (!isSymbol(parser, "(")) return { kind: "name", name: value, start, end };
  if (value === "has") return parseHas(parser, start);
  if (!isFunctionName(value) || !FUNCTIONS[value].asFunction) return unknownFunction(parser, token, false);
  return parseCall(parser, value, token, []);
}

function parseHas(parser: Parser, start: number): Ast {
  expect(parser, "(");
  const operand = parsePlainPath(parser, true) ?? parsePostfix(parser);
  if (!isPath(operand)) refuse(parser.source.text, operand.start, "has() asks for a path, like has(input.title)");
  return { kind: "has", operand, start, end: expect(parser, ")") };
}

function parseCall(parser: Parser, name: FunctionName, at: Token, receiver: readonly Ast[]): Ast {
  expect(parser, "(");
  const args = [...receiver, ...parseSeries(parser, ")", () => parseExpressionAt(parser))];
  const wanted = FUNCTIONS[name].arity;
  if (args.length !== wanted) {
    refuse(parser.source.text, at.start, `${name}() takes ${wanted - receiver.length} arguments, found ${args.length - receiver.length}`);
  }
  return {
    kind: "call",
    name,
    args,
    start: receiver[0]?.start ?? at.start,
    end: expect(parser, ")"),
  };
}

function parseMacro(parser: Parser, target: Ast, name: MacroName, at: Token): Ast {
  expect(parser, "(");
  const variable = parser.token;
  if (variable.kind !== "name" || LITERALS.has(variable.value)) unexpected(parser, "a name for the item");
  advance(parser);
  parser.bound.push(variable.value);
  expect(parser, ",");
  const parts = parseSeries(parser, ")", () => parseExpressionAt(parser));
  parser.bound.pop();
  const body = parts.at(-1);
  if (body === undefined || parts.length > (name === "map" ? 2 : 1)) {
    return refuse(
      parser.source.text,
      at.start,
      `${name}() is written ${name}(item, expression)${name === "map" ? " or map(item, filter, expression)" : ""}`,
    );
  }
  const filter = parts.length === 2 ? parts[0] : undefined;
  return {
    kind: "macro",
    name,
    target,
    variable: variable.value,
    filter,
    body,
    start: target.start,
    end: expect(parser, ")"),
  };
}

/** Parts with commas between them up to the closing symbol, which is left for the caller; a comma at the end is allowed. */
function parseSeries<T>(parser: Parser, closing: string, parsePart: () => T): T[] {
  const parts: T[] = [];
  while (!isSymbol(parser, closing)) {
    parts.push(parsePart());
    if (!take(parser, ",")) break;
  }
  return parts;
}

function unknownFunction(parser: Parser, { value, start }: Token, asMethod: boolean): never {
  if (isFunctionName(value)) {
    refuse(
      parser.source.text,
      start,
      asMethod ? `${value}() stands before its value: ${value}(x)` : `${value}() stands behind its value: x.${value}(…)`,
    );
  }
  const known = Object.entries(FUNCTIONS).flatMap(([name, kind]) => ((asMethod ? kind.asMethod : kind.asFunction) ? [name] : []));
  const words = asMethod ? [...known, ...MACROS] : [...known, "has"];
  const nearest = nearestWord(value, words);
  refuse(
    parser.source.text,
    start,
    `unknown function ${value}(); ${nearest === undefined ? `known are ${words.join(", ")}` : `did you mean ${nearest}()?`}`,
  );
}
