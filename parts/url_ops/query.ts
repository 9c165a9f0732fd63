import { given, objectField, refuseField } from "../sdk/fields";
import { Json, Kind } from "../sdk/json";
import { formatNumber } from "../sdk/number";
import { encodeForm, percentDecode } from "../sdk/percent";
import { memberName } from "../sdk/pointer";
import { Writer } from "../sdk/writer";

export class Pair {
  constructor(
    public name: string,
    public value: string,
  ) {}
}

function decoded(text: string): string {
  const result = percentDecode(text, true, false);
  return result === null ? "" : result;
}

/** The pairs of a query without its question mark, as forms write them. */
export function pairsOf(query: string): Pair[] {
  const pairs: Pair[] = [];
  const pieces = query.split("&");
  for (let i = 0; i < pieces.length; i++) {
    if (pieces[i].length == 0) continue;
    const equals = pieces[i].indexOf("=");
    const name = equals < 0 ? pieces[i] : pieces[i].substring(0, equals);
    pairs.push(new Pair(decoded(name), equals < 0 ? "" : decoded(pieces[i].substring(equals + 1))));
  }
  return pairs;
}

export function queryOf(pairs: Pair[]): string {
  const pieces = new Array<string>(pairs.length);
  for (let i = 0; i < pairs.length; i++) pieces[i] = encodeForm(pairs[i].name) + "=" + encodeForm(pairs[i].value);
  return pieces.join("&");
}

function valueOf(value: Json, field: string): string {
  if (value.kind == Kind.Text) return value.text;
  if (value.kind == Kind.Number) return formatNumber(value.number);
  if (value.kind != Kind.Bool)
    refuseField(field, "must be text, a number, true, false, null or a list of them, but it is " + value.kindName);
  return value.isTrue ? "true" : "false";
}

function addAll(name: string, value: Json, field: string, pairs: Pair[]): void {
  if (value.kind == Kind.Null) return;
  if (value.kind != Kind.List) {
    pairs.push(new Pair(name, valueOf(value, field)));
    return;
  }
  const items = value.items();
  for (let i = 0; i < items.length; i++)
    if (items[i].kind != Kind.Null) pairs.push(new Pair(name, valueOf(items[i], field + "[" + i.toString() + "]")));
}

/** The pairs with those of the field `query` in the place of the ones of the same name. */
export function withQuery(pairs: Pair[], input: Json): Pair[] {
  if (given(input, "query") === null) return pairs;
  const members = objectField(input, "query").distinctMembers();
  const replaced = new Set<string>();
  for (let i = 0; i < members.length; i++) replaced.add(members[i].key.text);
  const result = without(pairs, replaced);
  for (let i = 0; i < members.length; i++) {
    const name = members[i].key.text;
    addAll(name, members[i].value, memberName("query", name), result);
  }
  return result;
}

export function without(pairs: Pair[], names: Set<string>): Pair[] {
  const result: Pair[] = [];
  for (let i = 0; i < pairs.length; i++) if (!names.has(pairs[i].name)) result.push(pairs[i]);
  return result;
}

/** The values of a name as JSON texts with commas between them. */
function joinedValues(pairs: Pair[], name: string, from: i32, answer: Writer): void {
  let isFirst = true;
  for (let i = from; i < pairs.length; i++) {
    if (pairs[i].name != name) continue;
    answer.put(isFirst ? "" : ",").text(pairs[i].value);
    isFirst = false;
  }
}

/** `{name: value}`; a name that occurs several times has a list. */
export function writePairs(pairs: Pair[], answer: Writer): Writer {
  const counts = new Map<string, i32>();
  for (let i = 0; i < pairs.length; i++) counts.set(pairs[i].name, (counts.has(pairs[i].name) ? counts.get(pairs[i].name) : 0) + 1);
  let isFirst = true;
  answer.put("{");
  for (let i = 0; i < pairs.length; i++) {
    const name = pairs[i].name;
    const count = counts.get(name);
    if (count == 0) continue; // written with the first of its name
    counts.set(name, 0);
    answer
      .put(isFirst ? "" : ",")
      .text(name)
      .put(count > 1 ? ":[" : ":");
    isFirst = false;
    if (count > 1) joinedValues(pairs, name, i, answer);
    else answer.text(pairs[i].value);
    if (count > 1) answer.put("]");
  }
  return answer.put("}");
}

/** An address, cut at its query: works for relative ones, too. */
export class Cut {
  before: string;
  pairs: Pair[];
  /** With its #. */
  fragment: string;

  constructor(url: string) {
    const hash = url.indexOf("#");
    const end = hash < 0 ? url.length : hash;
    const mark = url.indexOf("?");
    const hasQuery = mark >= 0 && mark < end;
    this.before = url.substring(0, hasQuery ? mark : end);
    this.pairs = hasQuery ? pairsOf(url.substring(mark + 1, end)) : [];
    this.fragment = url.substring(end);
  }

  joined(): string {
    const query = queryOf(this.pairs);
    return this.before + (query.length == 0 ? "" : "?" + query) + this.fragment;
  }
}
