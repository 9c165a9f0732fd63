/** Secrets of one request: put in for their handles, bound to their hosts, taken out of what comes back (R12). */
import { ArcrunError } from "../../shared/model/errors.ts";
import type { RunnerDeps } from "./deps.ts";
import { denied } from "./egress-target.ts";

const HANDLE = /arcrun-secret:([A-Za-z0-9_-]{1,128}):([0-9a-f]{32})/g;
const PREFIX = "arcrun-secret:";
/** Shorter values would be found everywhere. */
const MIN_REDACTED_CHARS = 6;
/** The backslashes of a value double with each. */
const MAX_QUOTES = 3;

export type Secrets = {
  /** The text with the values in place of their handles; what only looks like a handle stays as it is. Throws `credential.missing`. */
  reveal(text: string): Promise<string>;
  /** The same for every text in a JSON value, before it is encoded: a secret may hold what the encoding must escape. */
  revealIn(value: unknown): Promise<unknown>;
  /** Every secret that was revealed must have been stored for this host. Throws `egress.denied`. */
  checkHost(url: URL): void;
  holdsOne(text: string): boolean;
  isUsed(): boolean;
  redact(text: string): string;
  redactBytes(bytes: Uint8Array): Uint8Array;
};

type Revealed = { readonly name: string; readonly value: string; readonly hosts: readonly string[] };

export function createSecrets(
  { tenant, runId }: { readonly tenant: string; readonly runId: string },
  deps: Pick<RunnerDeps, "ids" | "credentials">,
): Secrets {
  const used = new Map<string, Revealed>();

  async function look(name: string): Promise<Revealed> {
    const known = used.get(name);
    if (known !== undefined) return known;
    const found = await deps.credentials.reveal(tenant, name);
    if (found === undefined)
      throw new ArcrunError("credential.missing", `there is no secret "${name}"; store it with PUT /credentials/${name}`);
    const secret = { name, ...found };
    used.set(name, secret);
    return secret;
  }

  async function reveal(text: string): Promise<string> {
    if (!text.includes(PREFIX)) return text;
    const genuine = [...text.matchAll(HANDLE)].filter(([handle, name = ""]) => handle === deps.ids.secretHandle(runId, name));
    const values = new Map<string, string>();
    for (const [handle, name = ""] of genuine) values.set(handle, (await look(name)).value);
    return text.replaceAll(HANDLE, (handle) => values.get(handle) ?? handle);
  }

  const isLong = ({ value }: Revealed) => value.length >= MIN_REDACTED_CHARS;
  function redacted(text: string, inText: (form: string) => string): string {
    let clean = text;
    for (const secret of [...used.values()].filter(isLong)) {
      for (const form of formsOf(secret.value)) clean = clean.replaceAll(inText(form), `[secret ${secret.name}]`);
    }
    return clean;
  }
  return {
    reveal,
    async revealIn(value) {
      return JSON.stringify(value)?.includes(PREFIX) === true ? mapTexts(value, reveal) : value;
    },
    checkHost(url) {
      for (const { hosts } of used.values()) if (!hosts.includes(url.host) && !hosts.includes(url.hostname)) throw denied();
    },
    holdsOne: (text) => [...used.values()].some(({ value }) => text.includes(value)),
    isUsed: () => used.size > 0,
    redact: (text) => redacted(text, (form) => form),
    redactBytes(bytes) {
      if (used.size === 0) return bytes;
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"); // a character a byte
      return Buffer.from(
        redacted(text, (form) => Buffer.from(form).toString("latin1")),
        "latin1",
      );
    },
  };
}

async function mapTexts(value: unknown, map: (text: string) => Promise<string>): Promise<unknown> {
  if (typeof value === "string") return map(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((item) => mapTexts(item, map)));
  const entries = Object.entries(value).map(async ([key, item]) => [key, await mapTexts(item, map)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** As services send back what they got: as it is, as it stood in the address, a query or a form, encoded, or quoted in JSON (in JSON, in JSON). */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const quoted = [value];
  for (let depth = 0; depth < MAX_QUOTES; depth++) quoted.push(JSON.stringify(quoted.at(-1)).slice(1, -1));
  const inAddress = ["http://a/", "http://a/?"].map((before) => new URL(`${before}${value}`).href.slice(before.length));
  const inForm = new URLSearchParams([["", value]]).toString().slice(1);
  const hex = bytes.toString("hex");
  const encoded = [bytes, ...groupsOf(bytes)].flatMap((part) => [part.toString("base64"), part.toString("base64url")]);
  const forms = [...quoted, ...inAddress, inForm, encodeURIComponent(value), hex, hex.toUpperCase(), ...encoded];
  // The dots of a path may vanish, and nothing is to be found everywhere.
  return [...new Set(forms)].filter((form) => form.length >= MIN_REDACTED_CHARS);
}

/** What base64 writes in its own characters wherever in a longer text (`user:secret`) the value begins: whole groups of three bytes. */
const groupsOf = (bytes: Buffer): readonly Buffer[] =>
  [0, 1, 2].map((from) => bytes.subarray(from, from + 3 * Math.floor(Math.max(0, bytes.length - from) / 3)));
