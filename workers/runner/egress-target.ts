/**
 * Which addresses may be called, as far as a Worker can tell: by their spelling. Names are resolved, and the addresses checked, by
 * the supervisor's half on one machine; in production the platform reaches no private network.
 */
import { ArcrunError } from "../../shared/model/errors.ts";

const MAX_URL_CHARS = 8192;

/** The same for every reason, so that nobody can scan with it. */
export const denied = (): ArcrunError =>
  new ArcrunError(
    "egress.denied",
    "this address may not be called: only public http(s) addresses, hosts that the part or recipe names, and hosts that a secret was stored for",
  );

/** One parse; the URL that comes back is the one to fetch. */
export function checkTarget(text: string, hosts: "any" | readonly string[], base?: URL): URL {
  const url = text.length <= MAX_URL_CHARS ? parse(text, base) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) throw denied();
  if (url.username !== "" || url.password !== "" || url.hostname === "") throw denied();
  if (hosts !== "any" && !hosts.includes(url.host) && !hosts.includes(url.hostname)) throw denied();
  url.hash = "";
  return url;
}

function parse(text: string, base: URL | undefined): URL | undefined {
  try {
    return base === undefined ? new URL(text) : new URL(text, base);
  } catch {
    return undefined;
  }
}

/** A name that stands for an address on this machine or a private network, however it is spelled (WHATWG has normalised it). */
export function isLiteralPrivate({ hostname }: URL): boolean {
  const host = hostname.replace(/\.$/, "");
  if (host === "localhost" || host.endsWith(".localhost") || host.endsWith(".internal") || host.endsWith(".local")) return true;
  if (host.startsWith("[")) return true; // an IPv6 literal: nobody's public service needs one, and they have too many disguises
  const parts = host.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part))) return false;
  const [a = 0, b = 0] = parts;
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b <= 127) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && (b === 168 || b === 0)) ||
    (a === 198 && (b === 18 || b === 19 || b === 51)) ||
    (a === 203 && b === 0)
  );
}
