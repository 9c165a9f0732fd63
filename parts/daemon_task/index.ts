import { finish } from "../sdk/answer";
import { askHost } from "../sdk/call";
import { field, given, textField } from "../sdk/fields";
import { failByStatus, statusOf } from "../sdk/http";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { Writer } from "../sdk/writer";

/** What is about the request itself, and not for the daemon. */
function isForDaemon(name: string): bool {
  return name != "url" && name != "headers";
}

function order(input: Json, url: Json): Writer {
  const request = new Writer().put('{"call":"http_request","request":{"method":"POST","url":').json(url);
  const headers = given(input, "headers");
  if (headers !== null) request.put(',"headers":').json(headers);
  request.put(',"body_json":{');
  const members = input.distinctMembers();
  let isFirst = true;
  for (let i = 0; i < members.length; i++) {
    if (!isForDaemon(members[i].key.text)) continue;
    if (!isFirst) request.put(",");
    isFirst = false;
    request.json(members[i].key).put(":").json(members[i].value);
  }
  return request.put("}}}");
}

function main(): void {
  const input = readInput();
  const url = textField(input, "url");
  field(input, "task", "what the daemon has to do");
  textField(input, "callback_url");
  const result = askHost(order(input, field(input, "url", "text")));
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

main();
