import { beginResult, finishResult } from "../sdk/answer";
import { Algorithm, Bytes, digest, hmac } from "../sdk/digest";
import { given, operation, refuseField, refuseOperation, textField, textOr } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json } from "../sdk/json";

const OPERATIONS = "sha256, sha1, md5, hmac-sha256, hmac-sha1, hmac-md5";
const HEX = "0123456789abcdef";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function bytesOf(text: string): Bytes {
  const buffer = String.UTF8.encode(text);
  return new Bytes(changetype<usize>(buffer), buffer.byteLength);
}

function toHex(bytes: Bytes): string {
  let text = "";
  for (let i: usize = 0; i < bytes.length; i++) {
    const byte = load<u8>(bytes.start + i);
    text += HEX.charAt(byte >> 4) + HEX.charAt(byte & 15);
  }
  return text;
}

function toBase64(bytes: Bytes): string {
  let text = "";
  for (let i: usize = 0; i < bytes.length; i += 3) {
    let group: u32 = 0;
    for (let n: usize = 0; n < 3; n++) group = (group << 8) | (i + n < bytes.length ? load<u8>(bytes.start + i + n) : 0);
    for (let n: usize = 0; n < 4; n++) text += i + n > bytes.length ? "=" : BASE64.charAt((group >> (18 - 6 * <u32>n)) & 63);
  }
  return text;
}

function algorithmOf(name: string): Algorithm {
  if (name.endsWith("md5")) return Algorithm.Md5;
  return name.endsWith("sha1") ? Algorithm.Sha1 : Algorithm.Sha256;
}

/** `algorithm` is another name for `op`; HMAC_SHA256 means hmac-sha256. */
function chosen(input: Json): string {
  const algorithm = given(input, "algorithm");
  const isNamed = given(input, "op") === null && algorithm !== null;
  const name = isNamed ? textField(input, "algorithm") : operation(input, OPERATIONS);
  const normal = name.toLowerCase().replaceAll("_", "-").replace("sha-", "sha");
  if (!OPERATIONS.split(", ").includes(normal)) refuseOperation(name, OPERATIONS);
  return normal;
}

function main(): void {
  const input = readInput();
  const name = chosen(input);
  const encoding = textOr(input, "encoding", "hex");
  if (encoding != "hex" && encoding != "base64") refuseField("encoding", "must be hex or base64");
  const message = bytesOf(textField(input, "text"));
  const algorithm = algorithmOf(name);
  const result = name.startsWith("hmac") ? hmac(algorithm, bytesOf(textField(input, "key")), message) : digest(algorithm, message);
  finishResult(beginResult().text(encoding == "hex" ? toHex(result) : toBase64(result)));
}

main();
