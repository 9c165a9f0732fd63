import { Checker } from "./check-json";
import { Json, PADDING, parseJson } from "./json";

/** Why the last `readJson` gave null, with line and column. */
export let jsonProblem: string = "";

/** The value that a text holds, read to the letter (RFC 8259); null when it holds none. */
export function readJson(text: string): Json | null {
  const length = String.UTF8.byteLength(text);
  const start = heap.alloc(<usize>length + PADDING);
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, start);
  memory.fill(start + length, 0x22, PADDING);
  jsonProblem = new Checker(start, start + length).problem;
  return jsonProblem.length > 0 ? null : parseJson(start, length);
}
