import type { NameOracle } from "./expression-lexer.ts";

const MAX_ENTRIES = 2_000;
const MAX_CACHED_CHARS = 4_096;

type Names = ReadonlySet<string> | undefined;
/** `answers` are the questions about names that parsing asked; under the same answers the text means the same. */
type Entry<T> = { readonly parsed: T; readonly answers: ReadonlyMap<string, boolean | undefined> };

/**
 * Remembers what texts were parsed to; results must be immutable. At most 2,000 texts are kept, the oldest goes first.
 * Most texts mean the same whatever names are known, so the names are no part of the key.
 */
export function createParseCache<T>(parse: (text: string, isKnown: NameOracle) => T): (text: string, names: Names) => T {
  const entries = new Map<string, Entry<T>>();
  return (text, names) => {
    const entry = entries.get(text);
    if (entry !== undefined && hasSameAnswers(entry.answers, names)) return entry.parsed;
    const answers = new Map<string, boolean | undefined>();
    const parsed = parse(text, (name) => {
      const answer = names?.has(name);
      answers.set(name, answer);
      return answer;
    });
    if (text.length > MAX_CACHED_CHARS) return parsed;
    const oldest = entries.size >= MAX_ENTRIES ? entries.keys().next().value : undefined;
    if (oldest !== undefined) entries.delete(oldest);
    entries.set(text, { parsed, answers });
    return parsed;
  };
}

function hasSameAnswers(answers: ReadonlyMap<string, boolean | undefined>, names: Names): boolean {
  for (const [name, answer] of answers) if (names?.has(name) !== answer) return false;
  return true;
}
