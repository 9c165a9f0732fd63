import { isSpace } from "./text";

/** Punctuation and symbols of the scripts that have most of them; other characters beyond ASCII count as letters. */
export function isMark(unit: i32): bool {
  if (unit < 0x80) return !isAsciiWordUnit(unit);
  if (unit < 0xc0) return unit != 0xaa && unit != 0xb5 && unit != 0xba;
  if (unit == 0xd7 || unit == 0xf7) return true;
  if (unit >= 0x2000 && unit <= 0x2bff) return true;
  if (unit >= 0x3000 && unit <= 0x303f) return true;
  if (unit >= 0xd800 && unit <= 0xdfff) return !(unit >= 0xd840 && unit <= 0xd87f);
  return (unit >= 0xff00 && unit <= 0xff0f) || (unit >= 0xff1a && unit <= 0xff20) || (unit >= 0xff3b && unit <= 0xff40) || unit == 0xfeff;
}

function isAsciiWordUnit(unit: i32): bool {
  return (unit >= 0x30 && unit <= 0x39) || unit == 0x5f || ((unit | 32) >= 0x61 && (unit | 32) <= 0x7a);
}

/** Scripts without spaces: each character counts as a word. (0xd840 to 0xd87f begin the rarer ones.) */
export function isIdeograph(unit: i32): bool {
  if (unit < 0x3040) return false;
  if (unit <= 0x30ff || (unit >= 0x3400 && unit <= 0x9fff)) return true;
  return (unit >= 0xf900 && unit <= 0xfaff) || (unit >= 0xd840 && unit <= 0xd87f);
}

/** Goes from word to word of a text without making any. */
export class WordScanner {
  start: i32 = 0;
  end: i32;

  constructor(
    private text: string,
    from: i32,
    private limit: i32,
  ) {
    this.end = from;
  }

  /** Whether there is one more word; it reaches from `start` to `end`. An apostrophe or a hyphen inside belongs to it. */
  next(): bool {
    let at = this.end;
    while (at < this.limit && isMark(this.text.charCodeAt(at))) at++;
    this.start = at;
    if (at >= this.limit) return false;
    if (isIdeograph(this.text.charCodeAt(at))) {
      this.end = this.text.charCodeAt(at) >= 0xd840 && this.text.charCodeAt(at) <= 0xd87f ? at + 2 : at + 1;
      return true;
    }
    while (at < this.limit && this.isInside(at)) at++;
    this.end = at;
    return true;
  }

  private isInside(at: i32): bool {
    const unit = this.text.charCodeAt(at);
    if (isIdeograph(unit)) return false;
    if (!isMark(unit)) return true;
    const isJoint = unit == 0x27 || unit == 0x2d || unit == 0x2019;
    return isJoint && at + 1 < this.limit && !isMark(this.text.charCodeAt(at + 1));
  }
}

/** Goes from sentence to sentence: they end with . ! ? … and a space, with their full-width forms, or with an empty line. */
export class SentenceScanner {
  start: i32 = 0;
  end: i32 = 0;

  constructor(private text: string) {}

  /** Whether there is one more sentence with at least one word; it reaches from `start` to `end`, without white space around it. */
  next(): bool {
    while (this.end < this.text.length) {
      let at = this.end;
      while (at < this.text.length && isSpace(this.text.charCodeAt(at))) at++;
      this.start = at;
      let hasWord = false;
      while (at < this.text.length && !this.isBreak(at)) {
        hasWord = hasWord || !isMark(this.text.charCodeAt(at));
        at++;
      }
      this.end = this.pastMarks(at);
      if (hasWord) return true;
    }
    return false;
  }

  private isBreak(at: i32): bool {
    const unit = this.text.charCodeAt(at);
    if (unit == 0x3002 || unit == 0xff01 || unit == 0xff1f) return true;
    const next = at + 1 < this.text.length ? this.text.charCodeAt(at + 1) : 0x20;
    if (unit == 0x0a) return next == 0x0a;
    const isStop = unit == 0x2e || unit == 0x21 || unit == 0x3f || unit == 0x2026;
    return isStop && (isSpace(next) || isClosing(next));
  }

  /** After the marks that end a sentence, and quotes and brackets that close behind them. */
  private pastMarks(at: i32): i32 {
    while (at < this.text.length) {
      const unit = this.text.charCodeAt(at);
      const isStop = unit == 0x2e || unit == 0x21 || unit == 0x3f || unit == 0x2026 || unit == 0x3002 || unit == 0xff01 || unit == 0xff1f;
      if (!isStop && !isClosing(unit)) break;
      at++;
    }
    return at;
  }
}

function isClosing(unit: i32): bool {
  return (
    unit == 0x22 ||
    unit == 0x27 ||
    unit == 0x29 ||
    unit == 0x5d ||
    unit == 0x201d ||
    unit == 0x2019 ||
    unit == 0x300d ||
    unit == 0x300f ||
    unit == 0xff09
  );
}
