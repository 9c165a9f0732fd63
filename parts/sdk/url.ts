import { normalHost } from "./host-name";
import { encodeAllBut } from "./percent";

const IN_USERINFO = ' "#<>?^`{}/:;=@[\\]|';
const IN_PATH = ' "#<>?^`{}';
const IN_QUERY = " \"#<>'";
const IN_FRAGMENT = ' "<>`';
const MAX_PORT = 65535;

/** An address of the web (http, https, ws, wss), read as the URL standard of browsers has it. */
export class Url {
  scheme: string = "";
  username: string = "";
  password: string = "";
  host: string = "";
  port: string = "";
  path: string = "/";
  query: string | null = null;
  fragment: string | null = null;

  get origin(): string {
    return this.scheme + "://" + this.host + (this.port.length > 0 ? ":" + this.port : "");
  }

  get href(): string {
    const query = this.query;
    const fragment = this.fragment;
    let userinfo = this.username;
    if (this.password.length > 0) userinfo += ":" + this.password;
    if (userinfo.length > 0) userinfo += "@";
    const port = this.port.length > 0 ? ":" + this.port : "";
    const begin = this.scheme + "://" + userinfo + this.host + port + this.path;
    return begin + (query === null ? "" : "?" + query) + (fragment === null ? "" : "#" + fragment);
  }
}

/** Why the last `parseUrl` gave null. */
export let urlProblem: string = "";

function refuse(problem: string): Url | null {
  urlProblem = problem;
  return null;
}

function defaultPort(scheme: string): string {
  return scheme == "https" || scheme == "wss" ? "443" : "80";
}

function isWebScheme(scheme: string): bool {
  return scheme == "http" || scheme == "https" || scheme == "ws" || scheme == "wss";
}

/** The scheme that the text begins with, in small letters; empty when it begins with none. */
function schemeOf(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isLetter = (unit | 32) >= 0x61 && (unit | 32) <= 0x7a;
    const isMore = (unit >= 0x30 && unit <= 0x39) || unit == 0x2b || unit == 0x2d || unit == 0x2e;
    if (unit == 0x3a && i > 0) return text.substring(0, i).toLowerCase();
    if (!isLetter && (i == 0 || !isMore)) return "";
  }
  return "";
}

function isSlash(text: string, at: i32): bool {
  return at < text.length && (text.charCodeAt(at) == 0x2f || text.charCodeAt(at) == 0x5c);
}

function slashesAt(text: string, at: i32): i32 {
  let count = 0;
  while (isSlash(text, at + count)) count++;
  return count;
}

/** Without tabs and line breaks, and without control characters and spaces around it. */
function cleaned(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.substring(start, end).replaceAll("\t", "").replaceAll("\n", "").replaceAll("\r", "");
}

/** Reads an address, relative to another one if there is one. Null when it is none; `urlProblem` says why. */
export function parseUrl(written: string, base: Url | null): Url | null {
  const text = cleaned(written);
  const scheme = schemeOf(text);
  if (scheme.length > 0 && !isWebScheme(scheme)) return refuse('begins with "' + scheme + ':"; expected http or https');
  if (scheme.length == 0 && base === null) return refuse("has no scheme; expected it to begin with https://, or a base");
  const at = scheme.length > 0 ? scheme.length + 1 : 0;
  const slashes = slashesAt(text, at);
  const isAbsolute = scheme.length > 0 ? base === null || base.scheme != scheme || slashes >= 2 : slashes >= 2;
  const url = new Url();
  if (isAbsolute) {
    url.scheme = scheme.length > 0 ? scheme : base === null ? "" : base.scheme;
    return readAuthority(text, at + slashes, url) ? url : null;
  }
  if (base !== null) readRelative(text, at, base, url);
  return url;
}

function copyAuthority(from: Url, to: Url): void {
  to.scheme = from.scheme;
  to.username = from.username;
  to.password = from.password;
  to.host = from.host;
  to.port = from.port;
}

function readRelative(text: string, at: i32, base: Url, url: Url): void {
  copyAuthority(base, url);
  const first = at < text.length ? text.charCodeAt(at) : 0x23;
  if (first == 0x3f || first == 0x23) {
    url.path = base.path;
    if (first == 0x23) url.query = base.query;
    readEnd(text, at, url);
    return;
  }
  const folder = isSlash(text, at) ? "" : base.path.substring(0, base.path.lastIndexOf("/") + 1);
  readPath(text, at, folder, url);
}

/** Where the path, the query or the fragment begins. */
function authorityEnd(text: string, at: i32): i32 {
  while (at < text.length && !isSlash(text, at) && text.charCodeAt(at) != 0x3f && text.charCodeAt(at) != 0x23) at++;
  return at;
}

function readAuthority(text: string, at: i32, url: Url): bool {
  const end = authorityEnd(text, at);
  const authority = text.substring(at, end);
  const sign = authority.lastIndexOf("@");
  if (sign >= 0) {
    const userinfo = authority.substring(0, sign);
    const colon = userinfo.indexOf(":");
    url.username = encodeAllBut(colon < 0 ? userinfo : userinfo.substring(0, colon), IN_USERINFO);
    if (colon >= 0) url.password = encodeAllBut(userinfo.substring(colon + 1), IN_USERINFO);
  }
  if (!readHost(authority.substring(sign + 1), url)) return false;
  readPath(text, end, "", url);
  return true;
}

function readHost(text: string, url: Url): bool {
  const colon = text.lastIndexOf(":");
  const hasPort = colon > text.lastIndexOf("]");
  const name = hasPort ? text.substring(0, colon) : text;
  const host = normalHost(name);
  if (host === null) {
    urlProblem = name.length == 0 ? "has no host" : 'has the host "' + name + '", which is none';
    return false;
  }
  url.host = host;
  const port = hasPort ? text.substring(colon + 1) : "";
  let value = 0;
  for (let i = 0; i < port.length; i++) {
    const digit = port.charCodeAt(i) - 0x30;
    value = min(value * 10 + digit, MAX_PORT + 1);
    if (digit < 0 || digit > 9 || value > MAX_PORT) {
      urlProblem = 'has the port "' + port + '"; expected a number up to ' + MAX_PORT.toString();
      return false;
    }
  }
  if (port.length > 0 && value.toString() != defaultPort(url.scheme)) url.port = value.toString();
  return true;
}

function isSingleDot(segment: string): bool {
  return segment == "." || segment.toLowerCase() == "%2e";
}

function isDoubleDot(segment: string): bool {
  return segment.toLowerCase().replaceAll("%2e", ".") == "..";
}

/** The path from `at` on, behind the folder of the base, without `.` and `..`; then what follows it. */
function readPath(text: string, at: i32, folder: string, url: Url): void {
  let end = at;
  while (end < text.length && text.charCodeAt(end) != 0x3f && text.charCodeAt(end) != 0x23) end++;
  const written = text.substring(at, end).replaceAll("\\", "/");
  // both begin with a slash, or there is no path at all
  const segments = (folder + written).split("/");
  const kept: string[] = [];
  for (let i = segments[0].length == 0 ? 1 : 0; i < segments.length; i++) {
    const isLast = i == segments.length - 1;
    if (isDoubleDot(segments[i])) {
      if (kept.length > 0) kept.pop();
      if (isLast) kept.push("");
    } else if (isSingleDot(segments[i])) {
      if (isLast) kept.push("");
    } else kept.push(encodeAllBut(segments[i], IN_PATH));
  }
  url.path = "/" + kept.join("/");
  readEnd(text, end, url);
}

function readEnd(text: string, at: i32, url: Url): void {
  const hash = text.indexOf("#", at);
  if (hash >= 0) url.fragment = encodeAllBut(text.substring(hash + 1), IN_FRAGMENT);
  const end = hash < 0 ? text.length : hash;
  if (at < end && text.charCodeAt(at) == 0x3f) url.query = encodeAllBut(text.substring(at + 1, end), IN_QUERY);
}
