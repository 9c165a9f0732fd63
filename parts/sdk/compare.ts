import { Json, Kind, Member } from "./json";
import { formatNumber } from "./number";
import { isSameBytes } from "./text";

/** Deep equality as JSON means it: 1 equals 1.0, the order of names does not count, text is compared decoded. */
export function isSame(a: Json, b: Json): bool {
  if (isSameBytes(a.start, a.end - a.start, b.start, b.end - b.start)) return true;
  const kind = a.kind;
  if (kind != b.kind || kind == Kind.Null || kind == Kind.Bool) return false;
  if (kind == Kind.Number) return a.number == b.number;
  if (kind == Kind.Text) return a.text == b.text;
  return canonical(a) == canonical(b);
}

/** One text for all notations of the same value. Only for comparing: what is in texts is not escaped. */
export function canonical(value: Json): string {
  const kind = value.kind;
  if (kind == Kind.Number) return formatNumber(value.number);
  if (kind == Kind.Text) return quoted(value.text);
  if (kind == Kind.List) {
    const items = value.items();
    const parts = new Array<string>(items.length);
    for (let i = 0; i < items.length; i++) parts[i] = canonical(items[i]);
    return "[" + parts.join(",") + "]";
  }
  if (kind != Kind.Object) return String.UTF8.decodeUnsafe(value.start, value.end - value.start);
  const members = value.distinctMembers();
  const parts = new Array<string>(members.length);
  for (let i = 0; i < members.length; i++) parts[i] = named(members[i]);
  parts.sort();
  return "{" + parts.join(",") + "}";
}

function named(member: Member): string {
  return quoted(member.key.text) + ":" + canonical(member.value);
}

/** The length before the text keeps different values different without escapes. */
function quoted(text: string): string {
  return '"' + text.length.toString() + " " + text;
}
