import { refuseField } from "./fields";

/** What a pattern is made of. Characters are sets, too. */
export const enum Shape {
  Set,
  Sequence,
  Choice,
  Repeat,
  Begin,
  End,
  WordEdge,
  NoWordEdge,
}

export const UNLIMITED = -1;
const MAX_REPEAT = 1000;
const MAX_DEPTH = 100;
const LAST_POINT = 0x10ffff;

export class CharacterSet {
  isNegated: bool = false;
  /** Pairs of first and last. */
  ranges: i32[] = [];

  add(first: i32, last: i32): CharacterSet {
    this.ranges.push(first);
    this.ranges.push(last);
    return this;
  }

  has(point: i32): bool {
    for (let i = 0; i < this.ranges.length; i += 2) {
      if (point >= this.ranges[i] && point <= this.ranges[i + 1]) return !this.isNegated;
    }
    return this.isNegated;
  }
}

const NO_SET = new CharacterSet();

export class Pattern {
  kids: Pattern[] = [];
  set: CharacterSet = NO_SET;
  least: i32 = 0;
  most: i32 = 0;
  constructor(public shape: Shape) {}
}

function classOf(letter: i32): CharacterSet | null {
  const set = new CharacterSet();
  const small = letter | 32;
  if (small == 0x64) set.add(0x30, 0x39);
  else if (small == 0x77) set.add(0x30, 0x39).add(0x41, 0x5a).add(0x5f, 0x5f).add(0x61, 0x7a);
  else if (small == 0x73)
    set
      .add(9, 13)
      .add(0x20, 0x20)
      .add(0xa0, 0xa0)
      .add(0x1680, 0x1680)
      .add(0x2000, 0x200a)
      .add(0x2028, 0x2029)
      .add(0x202f, 0x202f)
      .add(0x205f, 0x205f)
      .add(0x3000, 0x3000)
      .add(0xfeff, 0xfeff);
  else return null;
  set.isNegated = letter < 0x60;
  return set;
}

function complement(set: CharacterSet, into: CharacterSet): void {
  let from = 0;
  // the ranges of the classes are in order
  for (let i = 0; i < set.ranges.length; i += 2) {
    if (set.ranges[i] > from) into.add(from, set.ranges[i] - 1);
    from = set.ranges[i + 1] + 1;
  }
  into.add(from, LAST_POINT);
}

/** Reads the common part of JavaScript's and RE2's regular expressions; what cannot be matched in linear time is refused. */
export class PatternReader {
  private at: i32 = 0;
  private depth: i32 = 0;
  constructor(private source: string) {}

  read(): Pattern {
    const pattern = this.choice();
    if (this.at < this.source.length) this.refuse("a ) that closes nothing");
    return pattern;
  }

  private refuse(problem: string): void {
    refuseField(
      "condition.value",
      "is no pattern that can be matched: " + problem + " at character " + (this.at + 1).toString() + ' of "' + this.source + '"',
    );
  }

  private peek(): i32 {
    return this.at < this.source.length ? this.source.charCodeAt(this.at) : -1;
  }

  private take(): i32 {
    if (this.at >= this.source.length) this.refuse("an end that comes too early");
    const point = this.source.codePointAt(this.at);
    this.at += point > 0xffff ? 2 : 1;
    return point;
  }

  private takeIf(unit: i32): bool {
    if (this.peek() != unit) return false;
    this.at++;
    return true;
  }

  private choice(): Pattern {
    if (++this.depth > MAX_DEPTH) this.refuse("too many groups inside groups");
    const choice = new Pattern(Shape.Choice);
    do choice.kids.push(this.sequence());
    while (this.takeIf(0x7c));
    this.depth--;
    return choice.kids.length == 1 ? choice.kids[0] : choice;
  }

  private sequence(): Pattern {
    const sequence = new Pattern(Shape.Sequence);
    while (this.at < this.source.length && this.peek() != 0x7c && this.peek() != 0x29) sequence.kids.push(this.repeated(this.atom()));
    return sequence;
  }

  private repeated(atom: Pattern): Pattern {
    const unit = this.peek();
    const repeat = new Pattern(Shape.Repeat);
    repeat.kids.push(atom);
    repeat.most = UNLIMITED;
    if (unit == 0x2b) repeat.least = 1;
    else if (unit == 0x3f) repeat.most = 1;
    else if (unit == 0x7b) return this.counted(repeat);
    else if (unit != 0x2a) return atom;
    this.at++;
    return this.lazy(repeat);
  }

  /** Lazy or not, the same texts match. */
  private lazy(repeat: Pattern): Pattern {
    this.takeIf(0x3f);
    const next = this.peek();
    if (next == 0x2a || next == 0x2b || next == 0x3f || next == 0x7b) this.refuse("a repetition of a repetition");
    return repeat;
  }

  private counted(repeat: Pattern): Pattern {
    this.at++;
    repeat.least = this.count();
    repeat.most = repeat.least;
    if (this.takeIf(0x2c)) repeat.most = this.peek() == 0x7d ? UNLIMITED : this.count();
    if (!this.takeIf(0x7d) || (repeat.most != UNLIMITED && repeat.most < repeat.least)) this.refuse("a wrong {n,m}");
    return this.lazy(repeat);
  }

  private count(): i32 {
    let count = 0;
    const from = this.at;
    while (this.peek() >= 0x30 && this.peek() <= 0x39 && count <= MAX_REPEAT) count = count * 10 + this.take() - 0x30;
    if (this.at == from || count > MAX_REPEAT) this.refuse("a wrong count (at most " + MAX_REPEAT.toString() + ")");
    return count;
  }

  private atom(): Pattern {
    const point = this.take();
    if (point == 0x28) return this.group();
    if (point == 0x5e) return new Pattern(Shape.Begin);
    if (point == 0x24) return new Pattern(Shape.End);
    if (point == 0x5c && this.takeIf(0x62)) return new Pattern(Shape.WordEdge);
    if (point == 0x5c && this.takeIf(0x42)) return new Pattern(Shape.NoWordEdge);
    if (point == 0x2a || point == 0x2b || point == 0x3f) this.refuse("a repetition of nothing");
    const one = new Pattern(Shape.Set);
    if (point == 0x5b) one.set = this.set();
    else if (point == 0x5c) one.set = this.escaped();
    else if (point == 0x2e) {
      one.set = new CharacterSet().add(0x0a, 0x0a).add(0x0d, 0x0d).add(0x2028, 0x2029);
      one.set.isNegated = true;
    } else one.set = new CharacterSet().add(point, point);
    return one;
  }

  private group(): Pattern {
    if (this.takeIf(0x3f) && !this.takeIf(0x3a)) this.refuse("a group (?…, of which only (?: is known,");
    const inner = this.choice();
    if (!this.takeIf(0x29)) this.refuse("a ( that is not closed");
    return inner;
  }

  private escaped(): CharacterSet {
    const known = classOf(this.peek());
    if (known !== null) {
      this.at++;
      return known;
    }
    const point = this.escapedPoint();
    return new CharacterSet().add(point, point);
  }

  private escapedPoint(): i32 {
    const point = this.take();
    if (point == 0x6e) return 0x0a;
    if (point == 0x72) return 0x0d;
    if (point == 0x74) return 0x09;
    if (point == 0x75 || point == 0x78) return this.hexadecimal(point == 0x75 ? 4 : 2);
    const isLetterOrDigit = (point >= 0x30 && point <= 0x39) || ((point | 32) >= 0x61 && (point | 32) <= 0x7a);
    if (isLetterOrDigit) this.refuse("an escape that is not known");
    return point;
  }

  private hexadecimal(length: i32): i32 {
    const digits = this.source.substring(this.at, this.at + length);
    const point = parseInt(digits, 16);
    if (digits.length != length || isNaN(point)) this.refuse("a wrong hexadecimal number");
    this.at += length;
    return <i32>point;
  }

  private set(): CharacterSet {
    const set = new CharacterSet();
    set.isNegated = this.takeIf(0x5e);
    while (!this.takeIf(0x5d)) {
      const isEscape = this.takeIf(0x5c);
      const known = isEscape ? classOf(this.peek()) : null;
      if (known !== null) {
        this.at++;
        if (known.isNegated) complement(known, set);
        else for (let i = 0; i < known.ranges.length; i += 2) set.add(known.ranges[i], known.ranges[i + 1]);
        continue;
      }
      const first = isEscape ? this.escapedPoint() : this.take();
      let last = first;
      if (this.peek() == 0x2d && this.at + 1 < this.source.length && this.source.charCodeAt(this.at + 1) != 0x5d) {
        this.at++;
        last = this.takeIf(0x5c) ? this.escapedPoint() : this.take();
        if (last < first) this.refuse("a range that goes backwards");
      }
      set.add(first, last);
    }
    return set;
  }
}
