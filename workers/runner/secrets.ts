/** Secrets of one request: put in for their handles, bound to their hosts, taken out of what comes back (R12). */
import { ArcrunError } from "../../shared/model/errors.ts";
import type { RunnerDeps } from "./deps.ts";
import { denied } from "./egress-target.ts";

const HANDLE = /arcrun-secret:([A-Za-z0-9_-]{1,128}):([0-9a-f]{32})/g;
const PREFIX = "arcrun-secret:";
/** Shorter values would be found everywhere. */
const MIN_REDACTED_CHARS = 6;

export type Secrets = {
  /** The text with the values in place of their handles; what only looks like a handle stays as it is. Throws `credential.missing`. */
  reveal(text: string): Promise<string>;
  revealBytes(bytes: Uint8Array): Promise<Uint8Array>;
  /** Every secret that was revealed must have been stored for this host. Throws `egress.denied`. */
  checkHost(url: URL): void;
  holdsOne(text: string): boolean;
  isUsed(): boolean;
  redact(text: string): string;
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
  return {
    reveal,
    async revealBytes(bytes) {
      const text = new TextDecoder().decode(bytes);
      return text.includes(PREFIX) ? new TextEncoder().encode(await reveal(text)) : bytes;
    },
    checkHost(url) {
      for (const { hosts } of used.values()) if (!hosts.includes(url.host) && !hosts.includes(url.hostname)) throw denied();
    },
    holdsOne: (text) => [...used.values()].some(({ value }) => text.includes(value)),
    isUsed: () => used.size > 0,
    redact(text) {
      let clean = text;
      for (const secret of used.values())
        if (isLong(secret)) for (const form of formsOf(secret.value)) clean = clean.replaceAll(form, `[secret ${secret.name}]`);
      return clean;
    },
  };
}

const formsOf = (value: string): readonly string[] => [
  value,
  Buffer.from(value).toString("base64"),
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
];
