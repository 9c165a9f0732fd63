import { refuseField } from "./fields";
import { CharacterSet, Pattern, PatternReader, Shape, UNLIMITED } from "./regex-syntax";

const enum Op {
  Set,
  Split,
  Jump,
  Begin,
  End,
  WordEdge,
  NoWordEdge,
  Match,
}

const MAX_PROGRAM = 5000;
const NO_SET = new CharacterSet();

class Instruction {
  x: i32 = 0;
  y: i32 = 0;
  constructor(
    public op: Op,
    public set: CharacterSet,
  ) {}
}

/**
 * A regular expression that only tells whether it matches somewhere. All ways to match are followed at the same time, so the work is
 * at most the length of the text times the length of the pattern: no pattern can be made to run for ever.
 */
export class Regex {
  private program: Instruction[] = [];
  private marks: i32[] = [];
  private mark: i32 = 0;
  private stack: i32[] = [];

  constructor(source: string) {
    this.emit(new PatternReader(source).read());
    this.push(Op.Match, NO_SET);
    for (let i = 0; i < this.program.length; i++) this.marks.push(0);
  }

  private push(op: Op, set: CharacterSet): Instruction {
    if (this.program.length >= MAX_PROGRAM) refuseField("condition.value", "is a pattern that is too large");
    const instruction = new Instruction(op, set);
    this.program.push(instruction);
    return instruction;
  }

  private emit(pattern: Pattern): void {
    const shape = pattern.shape;
    if (shape == Shape.Set) this.push(Op.Set, pattern.set);
    else if (shape == Shape.Sequence) for (let i = 0; i < pattern.kids.length; i++) this.emit(pattern.kids[i]);
    else if (shape == Shape.Choice) this.emitChoice(pattern.kids);
    else if (shape == Shape.Repeat) this.emitRepeat(pattern);
    else if (shape == Shape.Begin) this.push(Op.Begin, NO_SET);
    else if (shape == Shape.End) this.push(Op.End, NO_SET);
    else this.push(shape == Shape.WordEdge ? Op.WordEdge : Op.NoWordEdge, NO_SET);
  }

  private emitChoice(kids: Pattern[]): void {
    const jumps: Instruction[] = [];
    for (let i = 0; i < kids.length - 1; i++) {
      const split = this.push(Op.Split, NO_SET);
      split.x = this.program.length;
      this.emit(kids[i]);
      jumps.push(this.push(Op.Jump, NO_SET));
      split.y = this.program.length;
    }
    this.emit(kids[kids.length - 1]);
    for (let i = 0; i < jumps.length; i++) jumps[i].x = this.program.length;
  }

  private emitRepeat(pattern: Pattern): void {
    const body = pattern.kids[0];
    for (let i = 0; i < pattern.least; i++) this.emit(body);
    const isLoop = pattern.most == UNLIMITED;
    for (let i = pattern.least; isLoop ? i == pattern.least : i < pattern.most; i++) {
      const start = this.program.length;
      const split = this.push(Op.Split, NO_SET);
      split.x = this.program.length;
      this.emit(body);
      if (isLoop) this.push(Op.Jump, NO_SET).x = start;
      split.y = this.program.length;
    }
  }

  /** Adds where one can be without reading on; true when that is the end of the pattern. */
  private follow(from: i32, text: string, at: i32, threads: i32[]): bool {
    this.stack.push(from);
    while (this.stack.length > 0) {
      const pc = this.stack.pop();
      if (this.marks[pc] == this.mark) continue;
      this.marks[pc] = this.mark;
      const step = this.program[pc];
      const op = step.op;
      if (op == Op.Match) return true;
      if (op == Op.Set) threads.push(pc);
      else if (op == Op.Jump) this.stack.push(step.x);
      else if (op == Op.Split) {
        this.stack.push(step.y);
        this.stack.push(step.x);
      } else if (holds(op, text, at)) this.stack.push(pc + 1);
    }
    return false;
  }

  matches(text: string): bool {
    let threads: i32[] = [];
    let next: i32[] = [];
    let at = 0;
    this.stack.length = 0;
    while (true) {
      this.mark++;
      for (let i = 0; i < threads.length; i++) if (this.follow(threads[i], text, at, next)) return true;
      if (this.follow(0, text, at, next)) return true;
      if (at >= text.length) return false;
      const point = text.codePointAt(at);
      at += point > 0xffff ? 2 : 1;
      threads.length = 0;
      for (let i = 0; i < next.length; i++) if (this.program[next[i]].set.has(point)) threads.push(next[i] + 1);
      next.length = 0;
    }
  }
}

function isWordUnit(text: string, at: i32): bool {
  if (at < 0 || at >= text.length) return false;
  const unit = text.charCodeAt(at);
  return (unit >= 0x30 && unit <= 0x39) || unit == 0x5f || ((unit | 32) >= 0x61 && (unit | 32) <= 0x7a);
}

function holds(op: Op, text: string, at: i32): bool {
  if (op == Op.Begin) return at == 0;
  if (op == Op.End) return at == text.length;
  return (isWordUnit(text, at - 1) != isWordUnit(text, at)) == (op == Op.WordEdge);
}
