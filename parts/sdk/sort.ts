import { folded } from "./fold";
import { Json, Kind } from "./json";
import { lookUp, Segment } from "./path";

/** One thing that a list is sorted by. `isNatural`: texts as people sort them, not by their code. */
export class Order {
  constructor(
    public path: Segment[],
    public isDescending: bool,
    public isNatural: bool,
  ) {}
}

/** Null and what is absent: last in both directions. */
const NOTHING = 100;

/** What a value is ordered by; read once, not at each comparison. */
class SortKey {
  rank: i32 = NOTHING;
  amount: f64 = 0;
  text: string = "";
  plain: string = "";

  constructor(value: Json | null, isNatural: bool) {
    if (value !== null && value.kind != Kind.Null) this.read(value, isNatural);
  }

  private read(value: Json, isNatural: bool): void {
    this.rank = value.kind;
    if (value.kind == Kind.Number) this.amount = value.number;
    else if (value.kind == Kind.Bool) this.amount = value.isTrue ? 1 : 0;
    else if (value.kind == Kind.Text) {
      this.text = value.text;
      if (isNatural) this.plain = folded(this.text);
    }
  }
}

/** By kind (false, true, numbers, texts, lists, objects), then by value; below zero when `a` comes first. */
function compare(a: SortKey, b: SortKey, order: Order): i32 {
  if (a.rank == NOTHING || b.rank == NOTHING) return (a.rank == NOTHING ? 1 : 0) - (b.rank == NOTHING ? 1 : 0);
  const sign = order.isDescending ? -1 : 1;
  if (a.rank != b.rank) return (a.rank - b.rank) * sign;
  if (a.rank != <i32>Kind.Text) return (a.amount < b.amount ? -1 : a.amount > b.amount ? 1 : 0) * sign;
  const natural = order.isNatural ? compareNatural(a.plain, b.plain) : 0;
  if (natural != 0) return natural * sign;
  return (a.text < b.text ? -1 : a.text > b.text ? 1 : 0) * sign;
}

function isDigit(text: string, at: i32): bool {
  const unit = at < text.length ? text.charCodeAt(at) : 0;
  return unit >= 0x30 && unit <= 0x39;
}

/** Digits count as the number that they are: "item 9" before "item 10". */
function compareNatural(a: string, b: string): i32 {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (isDigit(a, i) && isDigit(b, j)) {
      while (isDigit(a, i) && a.charCodeAt(i) == 0x30) i++;
      while (isDigit(b, j) && b.charCodeAt(j) == 0x30) j++;
      let difference = 0;
      while (isDigit(a, i) && isDigit(b, j)) {
        if (difference == 0) difference = a.charCodeAt(i) - b.charCodeAt(j);
        i++;
        j++;
      }
      if (isDigit(a, i) != isDigit(b, j)) return isDigit(a, i) ? 1 : -1;
      if (difference != 0) return difference;
    } else {
      if (a.charCodeAt(i) != b.charCodeAt(j)) return a.charCodeAt(i) - b.charCodeAt(j);
      i++;
      j++;
    }
  }
  return a.length - i - (b.length - j);
}

class Row {
  keys: SortKey[] = [];
  constructor(public item: Json) {}
}

function compareRows(a: Row, b: Row, orders: Order[]): i32 {
  for (let i = 0; i < orders.length; i++) {
    const difference = compare(a.keys[i], b.keys[i], orders[i]);
    if (difference != 0) return difference;
  }
  return 0;
}

/** Stable: what is equal keeps its order, descending too. */
export function sorted(items: Json[], orders: Order[]): Json[] {
  let from = new Array<Row>(items.length);
  for (let i = 0; i < items.length; i++) {
    from[i] = new Row(items[i]);
    for (let n = 0; n < orders.length; n++) from[i].keys.push(new SortKey(lookUp(items[i], orders[n].path), orders[n].isNatural));
  }
  let to = new Array<Row>(items.length);
  for (let width = 1; width < items.length; width <<= 1) {
    for (let start = 0; start < items.length; start += width << 1) mergeRuns(from, to, start, width, orders);
    const swap = from;
    from = to;
    to = swap;
  }
  for (let i = 0; i < items.length; i++) items[i] = from[i].item;
  return items;
}

function mergeRuns(from: Row[], to: Row[], start: i32, width: i32, orders: Order[]): void {
  const middle = min(start + width, from.length);
  const stop = min(middle + width, from.length);
  let left = start;
  let right = middle;
  for (let i = start; i < stop; i++) {
    const takeLeft = left < middle && (right >= stop || compareRows(from[left], from[right], orders) <= 0);
    to[i] = takeLeft ? from[left++] : from[right++];
  }
}
