import { RE2JS, RE2JSSyntaxException } from "re2js";
import { boolOr, refuseField, textField, textOr, wholeOr } from "../sdk-js/fields.ts";
import { defineOperations } from "../sdk-js/operations.ts";
import { PartError } from "../sdk-js/part.ts";

/** Named groups are those of the pattern; a group that took no part is null. Places count UTF-16 units, as in JavaScript. */
type Match = {
  readonly match: string;
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | null)[];
  readonly named: Readonly<Record<string, string | null>>;
};
type Matcher = ReturnType<RE2JS["matcher"]>;

const MAX_PATTERN_CHARS = 10_000;
const MAX_MATCHES = 100_000;
const FLAGS: Readonly<Record<string, number>> = { i: RE2JS.CASE_INSENSITIVE, m: RE2JS.MULTILINE, s: RE2JS.DOTALL };

// What the library works out when it is first used (tables of letters) lies in the image then, and costs a call nothing.
for (const pattern of ["(?i)é[a-z]k", "(\\w+)\\s\\d$", "\\p{L}\\b", "(a|b)*?c"])
  for (const text of ["ék 1", "abc"]) RE2JS.compile(pattern).matcher(text).find();

export default defineOperations({ test, match, match_all: matchAll, replace, split, escape });

function test(input: unknown): boolean {
  return matcherOf(input).find();
}

function match(input: unknown): Match | null {
  const matcher = matcherOf(input);
  return matcher.find() ? matchOf(matcher) : null;
}

function matchAll(input: unknown): readonly Match[] {
  const most = wholeOr(input, "limit", MAX_MATCHES, [0, MAX_MATCHES]);
  const matcher = matcherOf(input);
  const found: Match[] = [];
  while (found.length < most && matcher.find()) found.push(matchOf(matcher));
  return found;
}

/** `$1`, `$<name>`, `$&` and `$$` in the replacement mean what they mean in JavaScript. */
function replace(input: unknown): string {
  const text = textField(input, "text");
  const replacement = textField(input, "replacement");
  const most = boolOr(input, "all", true) ? Infinity : 1;
  const matcher = matcherOf(input);
  let result = "";
  let position = 0;
  for (let count = 0; count < most && matcher.find(); count += 1) {
    const found = matchOf(matcher);
    result += text.slice(position, found.start) + expanded(replacement, found);
    position = found.end;
  }
  return result + text.slice(position);
}

function expanded(replacement: string, { match: whole, groups, named }: Match): string {
  return replacement.replaceAll(/\$(?:([$&])|(\d{1,2})|<([^>]*)>)/g, (written: string, sign?: string, digits?: string, name?: string) => {
    if (sign !== undefined) return sign === "$" ? "$" : whole;
    if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] ?? "") : written;
    const index = Number(digits);
    return index >= 1 && index <= groups.length ? (groups[index - 1] ?? "") : written;
  });
}

/** As in JavaScript: groups of the pattern come between the pieces, an empty match splits every character. */
function split(input: unknown): readonly (string | null)[] {
  const text = textField(input, "text");
  const most = wholeOr(input, "limit", MAX_MATCHES, [0, MAX_MATCHES]);
  const pieces: (string | null)[] = [];
  const matcher = matcherOf(input);
  let position = 0;
  while (pieces.length < most && matcher.find()) {
    const { start, end, groups } = matchOf(matcher);
    if (end === start && (start === position || start >= text.length)) continue;
    pieces.push(text.slice(position, start), ...groups);
    position = end;
  }
  pieces.push(text.slice(position));
  return pieces.slice(0, most);
}

function escape(input: unknown): string {
  return RE2JS.quote(textField(input, "text"));
}

function matcherOf(input: unknown): Matcher {
  return compile(input).matcher(textField(input, "text"));
}

function compile(input: unknown): RE2JS {
  const pattern = textField(input, "pattern");
  if (pattern.length > MAX_PATTERN_CHARS) return refuseField("pattern", `may have ${MAX_PATTERN_CHARS} characters`);
  let flags = 0;
  for (const letter of textOr(input, "flags", ""))
    flags |= FLAGS[letter] ?? refuseField("flags", "may hold i (any case), m (lines), s (dot takes line breaks)");
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), flags);
  } catch (thrown) {
    if (!(thrown instanceof RE2JSSyntaxException)) throw thrown;
    const problem = thrown.message.replace(/^error parsing regexp: /, "");
    throw new PartError("regex.invalid", `the pattern is not valid: ${problem}; look-around and back-references are not supported`);
  }
}

function matchOf(matcher: Matcher): Match {
  const groups = Array.from({ length: matcher.groupCount() }, (_, index) => matcher.group(index + 1) ?? null);
  const named = Object.fromEntries(Object.keys(matcher.pattern().namedGroups()).map((name) => [name, matcher.group(name) ?? null]));
  return { match: matcher.group() ?? "", start: matcher.start(), end: matcher.end(), groups, named };
}
