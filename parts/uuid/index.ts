import { beginResult, finishResult } from "../sdk/answer";
import { fromHex, toHex } from "../sdk/base64";
import { Algorithm, Bytes, digest } from "../sdk/digest";
import { given, numberOr, refuseField, refuseOperation, textField, textOf, textOr, wholeOf } from "../sdk/fields";
import { nowMs, randomBytes } from "../sdk/host";
import { readInput } from "../sdk/io";
import { Json } from "../sdk/json";

const OPERATIONS = "v4, v5, v7";
const MAX_COUNT = 10_000;
const SIZE: usize = 16;
/** Of RFC 9562, appendix: they differ in one digit. */
const NAMESPACES = "dns, url, oid, , x500";

function namespaceOf(name: string): Bytes {
  const known = NAMESPACES.split(", ").indexOf(name);
  const text = name.length > 0 && known >= 0 ? "6ba7b81" + known.toString() + "9dad11d180b400c04fd430c8" : name.replaceAll("-", "");
  const bytes = fromHex(text);
  if (bytes !== null && bytes.length == SIZE) return bytes;
  refuseField("namespace", "must be a UUID, or one of: dns, url, oid, x500");
  return new Bytes(0, 0);
}

/** Sets version and variant, and writes it down. */
function written(start: usize, version: u8): string {
  store<u8>(start, (load<u8>(start, 6) & 0x0f) | (version << 4), 6);
  store<u8>(start, (load<u8>(start, 8) & 0x3f) | 0x80, 8);
  const hex = toHex(new Bytes(start, SIZE));
  return [hex.substring(0, 8), hex.substring(8, 12), hex.substring(12, 16), hex.substring(16, 20), hex.substring(20)].join("-");
}

function byName(input: Json): string {
  const name = String.UTF8.encode(textField(input, "name"), false, String.UTF8.ErrorMode.REPLACE);
  const namespace = namespaceOf(textOr(input, "namespace", "url"));
  const message = heap.alloc(SIZE + <usize>name.byteLength);
  memory.copy(message, namespace.start, SIZE);
  memory.copy(message + SIZE, changetype<usize>(name), name.byteLength);
  return written(digest(Algorithm.Sha1, new Bytes(message, SIZE + name.byteLength)).start, 5);
}

/** 48 bits of milliseconds, then a number that counts from a random start, so that ids of one moment keep their order, too. */
function byTime(index: i32): string {
  const start = randomBytes(SIZE);
  const milliseconds = nowMs();
  for (let i: usize = 0; i < 6; i++) store<u8>(start + i, <u8>(milliseconds >> (40 - 8 * i)));
  const counter = firstCounter + <u32>index;
  store<u8>(start, <u8>(counter >> 20), 6);
  store<u8>(start, <u8>(counter >> 12), 7);
  store<u8>(start, <u8>((counter >> 6) & 0x3f), 8);
  store<u8>(start, <u8>(((counter & 0x3f) << 2) | (load<u8>(start, 9) & 3)), 9);
  return written(start, 7);
}

/** Leaves room to count: 24 bits, of which the first is 0. */
let firstCounter: u32 = 0;

function main(): void {
  const input = readInput();
  const named = given(input, "op");
  const op = named === null ? textOr(input, "operation", "v4") : textOf(named, "op");
  if (!OPERATIONS.split(", ").includes(op)) refuseOperation(op, OPERATIONS);
  if (op == "v5") finishResult(beginResult().text(byName(input)));
  const isList = given(input, "count") !== null;
  const count = wholeOf(numberOr(input, "count", 1), "count", 1, MAX_COUNT);
  firstCounter = load<u32>(randomBytes(4)) & 0x7fffff;
  const answer = beginResult().put(isList ? "[" : "");
  for (let i = 0; i < count; i++) answer.put(i == 0 ? "" : ",").text(op == "v4" ? written(randomBytes(SIZE), 4) : byTime(i));
  finishResult(answer.put(isList ? "]" : ""));
}

main();
