import { Json, Kind } from "./json";
import { failAt } from "./pointer";

/** One step of a path: a name, and the number it is when it can index a list (-1 when it cannot). */
export class Segment {
  constructor(
    public name: string,
    public index: i32,
  ) {}
}

const MAX_INDEX_DIGITS = 9;

function indexOf(name: string): i32 {
  if (name.length == 0 || name.length > MAX_INDEX_DIGITS) return -1;
  let index = 0;
  for (let i = 0; i < name.length; i++) {
    const digit = name.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    index = index * 10 + digit;
  }
  return index;
}

function refuse(path: string, field: string): void {
  failAt("part.invalid_input", 'the path "' + path + '" cannot be read: expected names with dots and [n], like a.b[0].c', field);
}

/** Reads `a.b[0].c` and `a["x.y"]`; `field` is where the path stands. */
export function parsePath(path: string, field: string): Segment[] {
  const segments = new Array<Segment>();
  let at = 0;
  while (at < path.length) {
    let name: string;
    if (path.charCodeAt(at) == 0x5b) {
      const close = path.indexOf("]", at);
      if (close < 0) refuse(path, field);
      name = path.substring(at + 1, close);
      if (name.startsWith('"') && name.endsWith('"') && name.length >= 2)
        segments.push(new Segment(name.substring(1, name.length - 1), -1));
      else if (indexOf(name) >= 0) segments.push(new Segment(name, indexOf(name)));
      else refuse(path, field);
      at = close + 1;
    } else {
      let stop = at;
      while (stop < path.length && path.charCodeAt(stop) != 0x2e && path.charCodeAt(stop) != 0x5b) stop++;
      name = path.substring(at, stop);
      if (name.length == 0) refuse(path, field);
      segments.push(new Segment(name, indexOf(name)));
      at = stop;
    }
    if (at < path.length && path.charCodeAt(at) == 0x2e && ++at == path.length) refuse(path, field);
  }
  return segments;
}

/** The value at a path, or null. Only what is written in the document is found: `__proto__` is an ordinary, absent name. */
export function lookUp(root: Json, path: Segment[]): Json | null {
  let value = root;
  for (let i = 0; i < path.length; i++) {
    const next = child(value, path[i]);
    if (next === null) return null;
    value = next;
  }
  return value;
}

export function child(value: Json, segment: Segment): Json | null {
  if (value.kind == Kind.List) {
    const items = value.items();
    return segment.index >= 0 && segment.index < items.length ? items[segment.index] : null;
  }
  return value.get(segment.name);
}
