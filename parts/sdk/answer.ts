import { Json } from "./json";
import { proc_exit } from "./wasi_snapshot_preview1";
import { Writer } from "./writer";

const STDOUT = 1;

/** Begins `{"success":true,"data":…}`: write the data, then give the writer to `finish`. */
export function beginSuccess(): Writer {
  return new Writer().put('{"success":true,"data":');
}

/** Begins `{"success":true,"data":{"result":…}}`: write the result, then give the writer to `finishResult`. */
export function beginResult(): Writer {
  return beginSuccess().put('{"result":');
}

export function finishResult(answer: Writer): void {
  finish(answer.put("}"));
}

/** Closes the answer, sends it, and ends the part: nothing after it runs. */
export function finish(answer: Writer): void {
  answer.put("}").sendTo(STDOUT);
  proc_exit(0);
  unreachable();
}

export function succeed(data: Json): void {
  finish(beginSuccess().json(data));
}

/** Begins `{"success":false,"error":{"code":…,"message":…,"retryable":…`: the error and the answer are still open. */
export function beginFailure(code: string, message: string, retryable: bool): Writer {
  const answer = new Writer().put('{"success":false,"error":{"code":').text(code);
  return answer.put(',"message":').text(message).put(',"retryable":').bool(retryable);
}

/** Answers a failure and ends the part: nothing after it runs. Codes are `noun.problem`. */
export function fail(code: string, message: string, details: Json | null = null, retryable: bool = false): void {
  const answer = beginFailure(code, message, retryable);
  if (details !== null) answer.put(',"details":').json(details);
  finish(answer.put("}"));
}
