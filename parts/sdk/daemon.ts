import { finish } from "./answer";
import { askHost } from "./call";
import { field, given, textField } from "./fields";
import { failByStatus, statusOf } from "./http";
import { Json, Kind } from "./json";
import { Writer } from "./writer";

/** What is about the request itself, and not for the daemon. */
function isForDaemon(name: string, held: string): bool {
  return name != "url" && name != "headers" && name != held;
}

function order(input: Json, url: Json, held: string): Writer {
  const request = new Writer().put('{"call":"http_request","request":{"method":"POST","url":').json(url);
  const headers = given(input, "headers");
  if (headers !== null) request.put(',"headers":').json(headers);
  request.put(',"body_json":{');
  const members = input.distinctMembers();
  let isFirst = true;
  for (let i = 0; i < members.length; i++) {
    if (!isForDaemon(members[i].key.text, held)) continue;
    if (!isFirst) request.put(",");
    isFirst = false;
    request.json(members[i].key).put(":").json(members[i].value);
  }
  return request.put("}}}");
}

/** Gives the whole input to the daemon at `url`, but for one field that is held back, and pauses until it calls back. Ends the part. */
export function askDaemon(input: Json, held: string = ""): void {
  const url = textField(input, "url");
  textField(input, "callback_url");
  const result = askHost(order(input, field(input, "url", "text"), held));
  const status = statusOf(result);
  if (status < 200 || status > 299) failByStatus(result, status, "POST", url);
  const answer = new Writer().put('{"pending":true');
  const reply = given(result, "json");
  if (reply !== null) {
    const task = given(reply, "task_id");
    if (task !== null && task.kind == Kind.Text) answer.put(',"task_id":').json(task);
  }
  finish(answer);
}
