/** Where two JSON values differ, for people: one line for each place, by its pointer. */
const MAX_LINES = 20;
const MAX_SHOWN_CHARS = 200;

export function differences(expected: unknown, found: unknown): readonly string[] {
  const lines: string[] = [];
  compare(expected, found, "", lines);
  return lines.length <= MAX_LINES ? lines : [...lines.slice(0, MAX_LINES), `and ${lines.length - MAX_LINES} more places`];
}

function compare(expected: unknown, found: unknown, pointer: string, lines: string[]): void {
  if (Object.is(expected, found)) return;
  const [left, right] = [membersOf(expected), membersOf(found)];
  if (left === undefined || right === undefined || Array.isArray(expected) !== Array.isArray(found)) {
    lines.push(`${pointer || "/"}: expected ${shown(expected)}, found ${shown(found)}`);
    return;
  }
  for (const name of new Set([...left.keys(), ...right.keys()])) compare(left.get(name), right.get(name), `${pointer}/${name}`, lines);
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}

const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value).slice(0, MAX_SHOWN_CHARS));
