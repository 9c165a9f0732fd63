import { fail } from "./answer";
import { parseNumber } from "./number";
import { BACKSLASH, closingQuote, COLON, COMMA, OPEN_LIST, OPEN_OBJECT, QUOTE, skipSpace, valueEnd } from "./scan";
import { decodeText, isSameBytes } from "./text";

/** Bytes that must follow a document in its buffer (see scan.ts, invariant 1). */
export const PADDING: usize = 16;

export const enum Kind {
  Null,
  Bool,
  Number,
  Text,
  List,
  Object,
}

export class Member {
  constructor(
    public key: Json,
    public value: Json,
  ) {}
}

/** A JSON value that is still text: the bytes from `start` to `end`. Nothing is read before it is asked for. */
export class Json {
  private foundMembers: Member[] | null = null;
  private foundItems: Json[] | null = null;

  constructor(
    public start: usize,
    public end: usize,
  ) {}

  get kind(): Kind {
    const first = load<u8>(this.start);
    if (first == QUOTE) return Kind.Text;
    if (first == OPEN_OBJECT) return Kind.Object;
    if (first == OPEN_LIST) return Kind.List;
    if (first == 0x6e) return Kind.Null;
    if (first == 0x74 || first == 0x66) return Kind.Bool;
    return Kind.Number;
  }

  /** For people: "text", "a list", … */
  get kindName(): string {
    const kind = this.kind;
    if (kind == Kind.Text) return "text";
    if (kind == Kind.Object) return "an object";
    if (kind == Kind.List) return "a list";
    if (kind == Kind.Null) return "null";
    return kind == Kind.Bool ? "true or false" : "a number";
  }

  get isTrue(): bool {
    return load<u8>(this.start) == 0x74;
  }

  /** The number; only for values of that kind. */
  get number(): f64 {
    return parseNumber(this.start, this.end);
  }

  /** The decoded text; only for values of that kind. */
  get text(): string {
    return decodeText(this.start + 1, this.end - 1);
  }

  /** The members as they are written, a name that is written twice included; empty for what is no object. */
  members(): Member[] {
    const known = this.foundMembers;
    if (known !== null) return known;
    const members = new Array<Member>();
    this.foundMembers = members;
    if (this.kind != Kind.Object) return members;
    let p = skipSpace(this.start + 1, this.end);
    while (p < this.end && load<u8>(p) == QUOTE) {
      const key = new Json(p, closingQuote(p + 1) + 1);
      p = skipSpace(key.end, this.end);
      if (p >= this.end || load<u8>(p) != COLON) broken();
      const value = valueAt(skipSpace(p + 1, this.end), this.end);
      members.push(new Member(key, value));
      p = skipSpace(value.end, this.end);
      if (p < this.end && load<u8>(p) == COMMA) p = skipSpace(p + 1, this.end);
    }
    if (p != this.end - 1) broken();
    return members;
  }

  /** The members with different names: each at its first place, with its last value. */
  distinctMembers(): Member[] {
    const places = new Map<string, i32>();
    const members = this.members();
    const distinct = new Array<Member>();
    for (let i = 0; i < members.length; i++) {
      const name = members[i].key.text;
      if (places.has(name)) {
        distinct[places.get(name)].value = members[i].value;
      } else {
        places.set(name, distinct.length);
        distinct.push(new Member(members[i].key, members[i].value));
      }
    }
    return distinct;
  }

  /** The member of that name (the last one, if written twice), or null. No name is special: there are only own ones. */
  get(name: string): Json | null {
    const members = this.members();
    if (members.length == 0) return null;
    const wanted = String.UTF8.encode(name);
    const start = changetype<usize>(wanted);
    for (let i = members.length - 1; i >= 0; i--) {
      if (isKey(members[i].key, name, start, wanted.byteLength)) return members[i].value;
    }
    return null;
  }

  /** The items; empty for what is no list. */
  items(): Json[] {
    const known = this.foundItems;
    if (known !== null) return known;
    const items = new Array<Json>();
    this.foundItems = items;
    if (this.kind != Kind.List) return items;
    let p = skipSpace(this.start + 1, this.end);
    while (p < this.end - 1) {
      const item = valueAt(p, this.end);
      items.push(item);
      p = skipSpace(item.end, this.end);
      if (p < this.end && load<u8>(p) == COMMA) p = skipSpace(p + 1, this.end);
    }
    if (p != this.end - 1) broken();
    return items;
  }
}

function isKey(key: Json, name: string, start: usize, length: usize): bool {
  const content = key.start + 1;
  if (isSameBytes(content, key.end - 1 - content, start, length)) return true;
  for (let p = content; p < key.end - 1; p++) if (load<u8>(p) == BACKSLASH) return key.text == name;
  return false;
}

function broken(): void {
  fail("part.invalid_input", "the document is no valid JSON");
}

function valueAt(p: usize, end: usize): Json {
  const stop = valueEnd(p, end);
  if (stop == 0) broken();
  return new Json(p, stop);
}

/**
 * The value in `length` bytes that have PADDING free bytes behind them; ends the part when there is none.
 * A list or an object is taken to reach to the last bracket and is not scanned now: whoever asks for its members scans it anyhow.
 */
export function parseJson(start: usize, length: usize): Json {
  let end = start + length;
  memory.fill(end, QUOTE, PADDING);
  const first = skipSpace(start, end);
  while (end > first && load<u8>(end - 1) <= 0x20) end--;
  const opening = load<u8>(first);
  const isContainer = opening == OPEN_OBJECT || opening == OPEN_LIST;
  // the closing brackets are two behind the opening ones
  if (isContainer && first < end - 1 && load<u8>(end - 1) == opening + 2) return new Json(first, end);
  const value = valueAt(first, end);
  if (value.end != end) broken();
  return value;
}
