import { BACKSLASH, QUOTE } from "./scan";

const MAX_DEPTH = 64;

/** Reads bytes as JSON to the letter (RFC 8259). The bytes must have PADDING after them. */
export class Checker {
  /** What is wrong; empty when nothing is. */
  problem: string = "";
  private p: usize;
  private depth: i32 = 0;

  constructor(
    private start: usize,
    private end: usize,
  ) {
    this.p = start;
    this.space();
    if (this.value()) this.space();
    if (this.p < end && this.problem.length == 0) this.refuse("expected nothing more");
  }

  /** Always false: the first problem ends the reading. */
  private refuse(problem: string): bool {
    let line = 1;
    let column = 1;
    for (let at = this.start; at < this.p; at++) {
      const byte = load<u8>(at);
      if (byte == 0x0a) {
        line++;
        column = 1;
      } else if ((byte & 0xc0) != 0x80) column++;
    }
    this.problem = problem + " at line " + line.toString() + ", column " + column.toString();
    return false;
  }

  private peek(): u8 {
    return this.p < this.end ? load<u8>(this.p) : 0;
  }

  private space(): void {
    while (this.p < this.end) {
      const byte = load<u8>(this.p);
      if (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09) return;
      this.p++;
    }
  }

  private value(): bool {
    const byte = this.peek();
    if (byte == QUOTE) return this.text();
    if (byte == 0x7b) return this.container(0x7d);
    if (byte == 0x5b) return this.container(0x5d);
    if (byte == 0x74) return this.word("true");
    if (byte == 0x66) return this.word("false");
    if (byte == 0x6e) return this.word("null");
    return byte == 0x2d || isDigit(byte) ? this.number() : this.refuse("expected a value");
  }

  private word(word: string): bool {
    for (let i = 0; i < word.length; i++) {
      if (this.peek() != <u8>word.charCodeAt(i)) return this.refuse("expected " + word);
      this.p++;
    }
    return true;
  }

  private digits(): bool {
    if (!isDigit(this.peek())) return this.refuse("expected a digit");
    while (isDigit(this.peek())) this.p++;
    return true;
  }

  private number(): bool {
    if (this.peek() == 0x2d) this.p++;
    if (this.peek() == 0x30) this.p++;
    else if (!this.digits()) return false;
    if (this.peek() == 0x2e) {
      this.p++;
      if (!this.digits()) return false;
    }
    if ((this.peek() | 0x20) != 0x65) return true;
    this.p++;
    if (this.peek() == 0x2b || this.peek() == 0x2d) this.p++;
    return this.digits();
  }

  private text(): bool {
    this.p++;
    while (this.p < this.end) {
      const byte = load<u8>(this.p);
      if (byte == QUOTE) {
        this.p++;
        return true;
      }
      if (byte < 0x20) return this.refuse("expected no control character in a text");
      this.p++;
      if (byte == BACKSLASH && !this.escape()) return false;
    }
    return this.refuse('expected a closing "');
  }

  private escape(): bool {
    const byte = this.peek();
    if (byte == 0x75) {
      for (let i = 0; i < 4; i++) {
        this.p++;
        const digit = this.peek();
        if (!isDigit(digit) && !((digit | 0x20) >= 0x61 && (digit | 0x20) <= 0x66)) return this.refuse("expected four hexadecimal digits");
      }
    } else if (!'"\\/bfnrt'.includes(String.fromCharCode(byte)) || byte == 0) return this.refuse("expected a known escape");
    this.p++;
    return true;
  }

  /** Of a list and of an object: they differ in their brackets and in the names. */
  private container(closing: u8): bool {
    if (++this.depth > MAX_DEPTH) return this.refuse("expected no more than " + MAX_DEPTH.toString() + " levels");
    this.p++;
    this.space();
    let isFirst = true;
    while (isFirst ? this.peek() != closing : this.peek() == 0x2c) {
      if (!isFirst) this.p++;
      isFirst = false;
      this.space();
      if (closing == 0x7d && !this.name()) return false;
      if (!this.value()) return false;
      this.space();
    }
    if (this.peek() != closing) return this.refuse(closing == 0x7d ? "expected , or }" : "expected , or ]");
    this.p++;
    this.depth--;
    return true;
  }

  private name(): bool {
    if (this.peek() != QUOTE) return this.refuse("expected a name in quotes");
    if (!this.text()) return false;
    this.space();
    if (this.peek() != 0x3a) return this.refuse("expected :");
    this.p++;
    this.space();
    return true;
  }
}

function isDigit(byte: u8): bool {
  return byte >= 0x30 && byte <= 0x39;
}
