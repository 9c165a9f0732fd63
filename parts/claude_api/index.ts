import { beginSuccess, fail, finish } from "../sdk/answer";
import { askHost } from "../sdk/call";
import { askDaemon } from "../sdk/daemon";
import { field, given, listField, numberOr, refuseField, textField, textOr, wholeOf } from "../sdk/fields";
import { failByStatus, statusOf } from "../sdk/http";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { Writer } from "../sdk/writer";

const ENDPOINT = "https://api.anthropic.com/v1/messages";
const VERSION = "2023-06-01";
const DEFAULT_MAX_TOKENS = 1024;
const MAX_TOKENS = 1_000_000;

function writeIfGiven(request: Writer, input: Json, name: string): void {
  const value = given(input, name);
  if (value !== null) request.put(',"' + name + '":').json(value);
}

function writeMessages(request: Writer, input: Json): Writer {
  const earlier: Json[] = given(input, "messages") === null ? [] : listField(input, "messages");
  request.put(',"messages":[');
  for (let i = 0; i < earlier.length; i++) request.json(earlier[i]).put(",");
  return request
    .put('{"role":"user","content":')
    .json(field(input, "prompt", "text"))
    .put("}]");
}

/** One request to the API, whose answer is the answer of the node. */
function order(input: Json, endpoint: string): Writer {
  textField(input, "model");
  const tokens = wholeOf(numberOr(input, "max_tokens", DEFAULT_MAX_TOKENS), "max_tokens", 1, MAX_TOKENS);
  const request = new Writer().put('{"call":"http_request","request":{"method":"POST","url":').text(endpoint);
  request.put(',"headers":{"x-api-key":').json(field(input, "api_key", "text"));
  request.put(',"anthropic-version":"' + VERSION + '"},"body_json":{"model":').json(field(input, "model", "text"));
  request.put(',"max_tokens":').number(tokens);
  writeIfGiven(request, input, "system");
  writeIfGiven(request, input, "temperature");
  return writeMessages(request, input).put("}}}");
}

/** The texts of the answer, joined: it comes in blocks, and not all of them are text. */
function textIn(reply: Json): string {
  const blocks = listField(reply, "content");
  let text = "";
  for (let i = 0; i < blocks.length; i++) {
    const part = given(blocks[i], "text");
    if (part !== null && part.kind == Kind.Text) text += part.text;
  }
  return text;
}

function writeOrNull(answer: Writer, reply: Json, name: string): void {
  const value = reply.get(name);
  answer.put(',"' + name + '":');
  if (value === null) answer.put("null");
  else answer.json(value);
}

function askApi(input: Json): void {
  const endpoint = textOr(input, "endpoint", ENDPOINT);
  const result = askHost(order(input, endpoint));
  const status = statusOf(result);
  if (status < 200 || status > 299) failByStatus(result, status, "POST", endpoint);
  const reply = given(result, "json");
  if (reply === null || reply.get("content") === null || field(reply, "content", "a list").kind != Kind.List) {
    fail("claude.bad_answer", "POST " + endpoint + " answered " + status.toString() + ", but not with a message", null, true);
    return;
  }
  const answer = beginSuccess().put('{"text":').text(textIn(reply));
  writeOrNull(answer, reply, "model");
  writeOrNull(answer, reply, "stop_reason");
  writeOrNull(answer, reply, "usage");
  finish(answer.put("}"));
}

function main(): void {
  const input = readInput();
  textField(input, "prompt");
  if (given(input, "url") !== null) askDaemon(input, "api_key");
  if (given(input, "api_key") === null)
    refuseField("url", "is missing; expected the address of a daemon, or else api_key with the key of the API, like {{credential.NAME}}");
  textField(input, "api_key");
  askApi(input);
}

main();
