/** The shape of a parsed expression. `start` and `end` are offsets into its text, so that messages can quote it as written. */

type Span = { readonly start: number; readonly end: number };

export type BinaryOperator = "??" | "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "+" | "-" | "*" | "/" | "%";
export type MacroName = "all" | "exists" | "exists_one" | "map" | "filter";
export type FunctionName =
  | "bool"
  | "contains"
  | "double"
  | "endsWith"
  | "int"
  | "lowerAscii"
  | "size"
  | "startsWith"
  | "string"
  | "upperAscii";

export type Macro = Span & {
  readonly kind: "macro";
  readonly name: MacroName;
  readonly target: Ast;
  readonly variable: string;
  /** Only of `map(x, filter, body)`. */
  readonly filter: Ast | undefined;
  readonly body: Ast;
};

export type Ast =
  | (Span & { readonly kind: "literal"; readonly value: string | number | boolean | null })
  | (Span & { readonly kind: "name"; readonly name: string })
  | (Span & { readonly kind: "field"; readonly target: Ast; readonly name: string })
  | (Span & { readonly kind: "index"; readonly target: Ast; readonly index: Ast })
  | (Span & { readonly kind: "list"; readonly items: readonly Ast[] })
  | (Span & {
      readonly kind: "map";
      readonly entries: readonly (readonly [key: Ast, value: Ast])[];
    })
  | (Span & { readonly kind: "unary"; readonly operator: "!" | "-"; readonly operand: Ast })
  | (Span & {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Ast;
      readonly right: Ast;
    })
  | (Span & {
      readonly kind: "choice";
      readonly condition: Ast;
      readonly yes: Ast;
      readonly no: Ast;
    })
  | (Span & { readonly kind: "has"; readonly operand: Ast })
  | (Span & { readonly kind: "call"; readonly name: FunctionName; readonly args: readonly Ast[] })
  | Macro;

/** Where a function may stand (`size(x)`, `x.size()`) and how many arguments it takes, the receiver counted. */
type Signature = {
  readonly asFunction: boolean;
  readonly asMethod: boolean;
  readonly arity: number;
};
const conversion: Signature = { asFunction: true, asMethod: false, arity: 1 };
const method = (arity: number): Signature => ({ asFunction: false, asMethod: true, arity });

export const FUNCTIONS: Readonly<Record<FunctionName, Signature>> = {
  bool: conversion,
  contains: method(2),
  double: conversion,
  endsWith: method(2),
  int: conversion,
  lowerAscii: method(1),
  size: { asFunction: true, asMethod: true, arity: 1 },
  startsWith: method(2),
  string: conversion,
  upperAscii: method(1),
};

export const MACROS: ReadonlySet<string> = new Set<MacroName>(["all", "exists", "exists_one", "map", "filter"]);
export const isMacroName = (name: string): name is MacroName => MACROS.has(name);
export const isFunctionName = (name: string): name is FunctionName => Object.hasOwn(FUNCTIONS, name);

/** A path is what may be absent: a name, or a field or index of anything. */
export const isPath = (ast: Ast): boolean => ast.kind === "name" || ast.kind === "field" || ast.kind === "index";

/** As in JavaScript: the higher binds tighter. */
export const BINDING: ReadonlyMap<string, number> = new Map<BinaryOperator, number>([
  ["??", 1],
  ["||", 1],
  ["&&", 2],
  ["==", 3],
  ["!=", 3],
  ["<", 4],
  ["<=", 4],
  [">", 4],
  [">=", 4],
  ["in", 4],
  ["+", 5],
  ["-", 5],
  ["*", 6],
  ["/", 6],
  ["%", 6],
]);
export const isBinaryOperator = (symbol: string): symbol is BinaryOperator => BINDING.has(symbol);
