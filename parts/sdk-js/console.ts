/** Writes to stderr, one line a call. Texts as they are, the rest as JSON as far as it goes. */
export function createConsole(log: (line: string) => void): Readonly<Record<string, (...values: unknown[]) => void>> {
  const write = (...values: unknown[]): void => log(`${values.map(shown).join(" ")}\n`);
  return { log: write, info: write, debug: write, warn: write, error: write, trace: write };
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
