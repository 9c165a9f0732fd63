import { beginSuccess, finish } from "../sdk/answer";
import { given, refuseField } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { Writer } from "../sdk/writer";

const NOT_RUN = '{"code":"try.not_run","message":"the node did not run"}';
const UNKNOWN = '{"code":"try.failed","message":"the node failed and did not say why"}';

function writeValue(answer: Writer, value: Json | null): Writer {
  return value === null ? answer.put("null") : answer.json(value);
}

function finishOk(value: Json | null): void {
  finish(writeValue(beginSuccess().put('{"ok":true,"value":'), value).put(',"error":null},"branch":"ok"'));
}

/** An error that is a text becomes one with a code, as the engine does. */
function writeError(answer: Writer, error: Json | null, otherwise: string): Writer {
  if (error === null) return answer.put(otherwise);
  if (error.kind == Kind.Object) return answer.json(error);
  answer.put('{"code":"try.failed","message":');
  if (error.kind == Kind.Text) return answer.json(error).put("}");
  return answer.text(String.UTF8.decodeUnsafe(error.start, error.end - error.start)).put("}");
}

function finishError(input: Json, error: Json | null, otherwise: string): void {
  const answer = writeValue(beginSuccess().put('{"ok":false,"value":'), input.get("fallback")).put(',"error":');
  finish(writeError(answer, error, otherwise).put('},"branch":"error"'));
}

/** The answer of a node is `{success, data}` or `{success: false, error}`; anything else is a value that is there. */
function judge(input: Json, answer: Json): void {
  if (answer.kind == Kind.Null) finishError(input, null, NOT_RUN);
  const success = answer.get("success");
  const error = given(answer, "error");
  if (success === null || success.kind != Kind.Bool) finishOk(answer);
  else if (success.isTrue && error === null) finishOk(answer.get("data"));
  else finishError(input, error, UNKNOWN);
}

function main(): void {
  const input = readInput();
  const attempt = input.get("try");
  if (attempt !== null) judge(input, attempt);
  const value = input.get("value");
  if (value === null && input.get("error") === null) refuseField("try", "is missing; expected the answer of a node, or value and error");
  const error = given(input, "error");
  if (error === null) finishOk(value);
  else finishError(input, error, UNKNOWN);
}

main();
