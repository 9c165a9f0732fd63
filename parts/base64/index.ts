import { beginResult, fail, finishResult } from "../sdk/answer";
import { fromBase64, fromHex, toBase64, toHex, wrongAt } from "../sdk/base64";
import { Bytes } from "../sdk/digest";
import {
  boolOr,
  given,
  listField,
  numberOf,
  operation,
  refuseField,
  refuseOperation,
  textField,
  textOf,
  textOr,
  wholeOf,
} from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json } from "../sdk/json";
import { decodeUtf8 } from "../sdk/utf8";

const OPERATIONS = "encode, decode";

/** The bytes, or the end of the part when there are none. */
function found(bytes: Bytes | null, field: string, what: string): Bytes {
  if (bytes !== null) return bytes;
  refuseField(field, "is no " + what + ": see character " + (wrongAt + 1).toString());
  return new Bytes(0, 0);
}

function listed(input: Json): Bytes {
  const list = listField(input, "bytes");
  const start = heap.alloc(list.length);
  for (let i = 0; i < list.length; i++) {
    const name = "bytes[" + i.toString() + "]";
    store<u8>(start + i, <u8>wholeOf(numberOf(list[i], name), name, 0, 255));
  }
  return new Bytes(start, list.length);
}

function toEncode(input: Json): Bytes {
  const hex = given(input, "hex");
  if (hex !== null) return found(fromHex(textOf(hex, "hex")), "hex", "hexadecimal text");
  if (given(input, "bytes") !== null) return listed(input);
  const buffer = String.UTF8.encode(textField(input, "text"), false, String.UTF8.ErrorMode.REPLACE);
  return new Bytes(changetype<usize>(buffer), buffer.byteLength);
}

function decode(input: Json): void {
  const form = textOr(input, "as", "text");
  if (form != "text" && form != "hex" && form != "bytes") refuseField("as", "must be text, hex or bytes");
  const bytes = found(fromBase64(textField(input, "text")), "text", "Base64");
  const answer = beginResult();
  if (form == "hex") finishResult(answer.text(toHex(bytes)));
  if (form == "bytes") {
    answer.put("[");
    for (let i: usize = 0; i < bytes.length; i++) answer.put(i == 0 ? "" : ",").put(load<u8>(bytes.start + i).toString());
    finishResult(answer.put("]"));
  }
  const text = decodeUtf8(bytes.start, bytes.length, true);
  if (text === null) {
    fail("base64.not_text", "the bytes are no UTF-8 text; ask for them as hex or bytes");
    return;
  }
  finishResult(answer.text(text));
}

function main(): void {
  const input = readInput();
  const op = operation(input, OPERATIONS);
  if (op == "decode") decode(input);
  if (op != "encode") refuseOperation(op, OPERATIONS);
  finishResult(beginResult().text(toBase64(toEncode(input), boolOr(input, "url_safe", false))));
}

main();
