import { beginResult, finishResult } from "../sdk/answer";
import { toBase64, toHex } from "../sdk/base64";
import { Algorithm, Bytes, digest, hmac } from "../sdk/digest";
import { given, operation, refuseField, refuseOperation, textField, textOr } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json } from "../sdk/json";

const OPERATIONS = "sha256, sha1, md5, hmac-sha256, hmac-sha1, hmac-md5";

function bytesOf(text: string): Bytes {
  const buffer = String.UTF8.encode(text);
  return new Bytes(changetype<usize>(buffer), buffer.byteLength);
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
