import { beginFailure, beginSuccess, finish } from "./answer";
import { given, listField, textOr } from "./fields";
import { Json, Kind } from "./json";
import { Writer } from "./writer";

function isRetryable(status: i32): bool {
  return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
}

/** 2xx, or with a list `ok_status` exactly what it holds. */
export function isAccepted(request: Json, status: i32): bool {
  if (given(request, "ok_status") === null) return status >= 200 && status <= 299;
  const accepted = listField(request, "ok_status");
  for (let i = 0; i < accepted.length; i++) {
    if (accepted[i].kind == Kind.Number && <i32>accepted[i].number == status) return true;
  }
  return false;
}

/** The status of a result of `http_request`. A result that is an error becomes the failure of the part, as it is. */
export function statusOf(result: Json): i32 {
  const error = given(result, "error");
  if (error !== null) finish(new Writer().put('{"success":false,"error":').json(error));
  const status = given(result, "status");
  return status === null || status.kind != Kind.Number ? 0 : <i32>status.number;
}

/** Fails with `http.status_<n>`, with the answer as data, and when to try again if the server said so. */
export function failByStatus(result: Json, status: i32, method: string, url: string): void {
  const code = "http.status_" + status.toString();
  const failure = beginFailure(code, method + " " + url + " answered " + status.toString(), isRetryable(status));
  const after = given(result, "retry_after_ms");
  if (after !== null && after.kind == Kind.Number) failure.put(',"retry_after_ms":').json(after);
  finish(failure.put('},"data":').json(result));
}

/** Answers what came, as a success or as a failure. The result is never read deeper than its own fields. */
export function answerByStatus(request: Json, result: Json): void {
  const status = statusOf(result);
  if (!isAccepted(request, status)) failByStatus(result, status, textOr(request, "method", "GET"), textOr(request, "url", "the url"));
  finish(beginSuccess().json(result));
}
