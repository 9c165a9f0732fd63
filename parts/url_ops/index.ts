import { beginResult, finishResult } from "../sdk/answer";
import { boolOr, given, listField, operation, refuseField, refuseOperation, textField, textOf, textOr } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { formatNumber } from "../sdk/number";
import { encodeComponent, percentDecode } from "../sdk/percent";
import { failAt } from "../sdk/pointer";
import { parseUrl, Url, urlProblem } from "../sdk/url";
import { Writer } from "../sdk/writer";
import { Cut, pairsOf, queryOf, withQuery, without, writePairs } from "./query";

const OPERATIONS = "parse, build, resolve, join, encode, decode, query_get, query_set, query_delete, query_parse, query_build, is_url";

function found(url: Url | null, field: string, text: string): Url {
  if (url !== null) return url;
  failAt("url.invalid", 'the field "' + field + '" is no address: "' + text + '" ' + urlProblem, field);
  return new Url();
}

function baseOf(input: Json): Url | null {
  const base = given(input, "base");
  if (base === null) return null;
  const text = textOf(base, "base");
  return found(parseUrl(text, null), "base", text);
}

function urlOf(input: Json): Url {
  const text = textField(input, "url");
  return found(parseUrl(text, baseOf(input)), "url", text);
}

function writeField(answer: Writer, name: string, value: string): Writer {
  return answer
    .put(name == "href" ? '"' : ',"')
    .put(name)
    .put('":')
    .text(value);
}

function parse(input: Json): void {
  const url = urlOf(input);
  const query = url.query;
  const fragment = url.fragment;
  const answer = beginResult().put("{");
  writeField(answer, "href", url.href);
  writeField(answer, "protocol", url.scheme);
  writeField(answer, "username", url.username);
  writeField(answer, "password", url.password);
  writeField(answer, "host", url.host + (url.port.length > 0 ? ":" + url.port : ""));
  writeField(answer, "hostname", url.host);
  writeField(answer, "port", url.port);
  writeField(answer, "origin", url.origin);
  writeField(answer, "path", url.path);
  writeField(answer, "search", query === null || query.length == 0 ? "" : "?" + query);
  writePairs(query === null ? [] : pairsOf(query), answer.put(',"query":'));
  writeField(answer, "hash", fragment === null ? "" : fragment);
  finishResult(answer.put("}"));
}

/** A piece of a path, encoded so that it stays one piece. */
function pieceOf(value: Json, name: string): string {
  if (value.kind == Kind.Number) return formatNumber(value.number);
  const text = textOf(value, name);
  if (text == "." || text == "..") refuseField(name, "must not be " + text + ", which would leave the path");
  return encodeComponent(text);
}

function join(input: Json): string {
  const cut = new Cut(urlOf(input).href);
  const parts = listField(input, "parts");
  let path = cut.before;
  for (let i = 0; i < parts.length; i++) {
    const piece = pieceOf(parts[i], "parts[" + i.toString() + "]");
    path += (path.endsWith("/") ? "" : "/") + piece;
  }
  cut.before = path;
  return cut.joined();
}

/** What begins with, then each field that is given laid over it. */
function build(input: Json): string {
  const start =
    given(input, "url") === null
      ? textOr(input, "protocol", "https").replace(":", "") + "://" + textField(input, "host")
      : textField(input, "url");
  const url = found(parseUrl(start, null), given(input, "url") === null ? "host" : "url", start);
  let scheme = textOr(input, "protocol", url.scheme);
  if (scheme.endsWith(":")) scheme = scheme.substring(0, scheme.length - 1);
  const port = url.port.length > 0 ? ":" + url.port : "";
  const userinfo = url.username.length == 0 ? "" : url.username + (url.password.length == 0 ? "" : ":" + url.password) + "@";
  const path = textOr(input, "path", url.path).replaceAll("?", "%3F").replaceAll("#", "%23");
  const query = url.query;
  const pairs = withQuery(query === null ? [] : pairsOf(query), input);
  const fragment = url.fragment;
  const hash = textOr(input, "hash", fragment === null ? "" : fragment);
  const text =
    scheme +
    "://" +
    userinfo +
    textOr(input, "host", url.host + port) +
    (path.startsWith("/") ? "" : "/") +
    path +
    (pairs.length == 0 ? "" : "?" + queryOf(pairs)) +
    (hash.length == 0 ? "" : (hash.startsWith("#") ? "" : "#") + hash);
  return found(parseUrl(text, null), "host", text).href;
}

function decode(input: Json): string {
  const text = percentDecode(textField(input, "text"), boolOr(input, "plus", false), true);
  if (text === null) refuseField("text", "is no UTF-8 when it is decoded");
  return text === null ? "" : text;
}

function queryGet(input: Json): void {
  const pairs = new Cut(textField(input, "url")).pairs;
  const name = textField(input, "name");
  const isAll = boolOr(input, "all", false);
  const answer = beginResult().put(isAll ? "[" : "");
  let count = 0;
  for (let i = 0; i < pairs.length; i++) {
    if (pairs[i].name != name) continue;
    answer.put(count++ == 0 ? "" : ",").text(pairs[i].value);
    if (!isAll) finishResult(answer);
  }
  finishResult(answer.put(isAll ? "]" : "null"));
}

function querySet(input: Json): string {
  const cut = new Cut(textField(input, "url"));
  if (given(input, "query") === null) refuseField("query", "is missing; expected an object of names and values");
  cut.pairs = withQuery(cut.pairs, input);
  return cut.joined();
}

function queryDelete(input: Json): string {
  const cut = new Cut(textField(input, "url"));
  const names = new Set<string>();
  const isList = given(input, "names") !== null;
  const list: Json[] = isList ? listField(input, "names") : [];
  for (let i = 0; i < list.length; i++) names.add(textOf(list[i], "names[" + i.toString() + "]"));
  if (!isList || given(input, "name") !== null) names.add(textField(input, "name"));
  cut.pairs = without(cut.pairs, names);
  return cut.joined();
}

function queryText(input: Json): string {
  const text = textField(input, "text");
  return text.startsWith("?") ? text.substring(1) : text;
}

/** The operations whose result is a text. */
function textual(op: string, input: Json): string {
  if (op == "build") return build(input);
  if (op == "resolve") {
    if (given(input, "base") === null) refuseField("base", "is missing; expected text");
    return urlOf(input).href;
  }
  if (op == "join") return join(input);
  if (op == "encode") return encodeComponent(textField(input, "text"));
  if (op == "decode") return decode(input);
  if (op == "query_set") return querySet(input);
  return op == "query_delete" ? queryDelete(input) : queryOf(withQuery([], input));
}

function main(): void {
  const input = readInput();
  const op = operation(input, OPERATIONS);
  if (!OPERATIONS.split(", ").includes(op)) refuseOperation(op, OPERATIONS);
  if (op == "parse") parse(input);
  if (op == "query_get") queryGet(input);
  if (op == "query_parse") finishResult(writePairs(pairsOf(queryText(input)), beginResult()));
  if (op == "is_url") finishResult(beginResult().bool(parseUrl(textField(input, "url"), baseOf(input)) !== null));
  if (op == "query_build" && given(input, "query") === null) refuseField("query", "is missing; expected an object of names and values");
  finishResult(beginResult().text(textual(op, input)));
}

main();
