/** What `npm start` was told, by environment and arguments. Whatever is wrong with it is a `StartError`: a plain sentence, no stack. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";

export class StartError extends Error {}

export const API_KEY = /^ak_[0-9a-f]{48}$/;

export function readSettings(env, argv) {
  const { values } = parseArgs({
    args: argv,
    options: { "ready-file": { type: "string" }, demo: { type: "boolean" } },
    allowNegative: true,
  });
  const port = Number(env.PORT ?? 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new StartError(`PORT is ${env.PORT}, which is not a port (1 to 65535)`);
  if (env.ARCRUN_API_KEY && !API_KEY.test(env.ARCRUN_API_KEY)) {
    throw new StartError("ARCRUN_API_KEY is not a key: it must be ak_ and 48 hexadecimal digits");
  }
  const readyFile = values["ready-file"];
  return {
    port,
    apiKey: env.ARCRUN_API_KEY || undefined,
    dataDir: resolve(env.ARCRUN_DATA_DIR || ".arcrun"),
    egressAllow: parseAllowed(env.ARCRUN_EGRESS_ALLOW ?? ""),
    publicUrl: parsePublicUrl(env.PUBLIC_URL || `http://127.0.0.1:${port}`),
    startRate: parseRate(env, "ARCRUN_START_RATE"),
    failureRate: parseRate(env, "ARCRUN_FAILURE_RATE"),
    readyFile: readyFile && resolve(readyFile),
    demo: values.demo ?? !readyFile,
  };
}

/** Undefined: as the wrangler file has it. */
function parseRate(env, name) {
  const text = env[name];
  if (!text) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new StartError(`${name} is ${text}, which is not a whole number above 0`);
  return text;
}

/** `host:port`, as URLs write them: normalised like the addresses that they are compared with. */
function parseAllowed(text) {
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const url = URL.canParse(`http://${entry}`) ? new URL(`http://${entry}`) : undefined;
      const port = /:(\d+)$/.exec(entry)?.[1];
      if (!url || !port || url.pathname !== "/" || url.username)
        throw new StartError(`ARCRUN_EGRESS_ALLOW has ${entry}, which is not host:port`);
      return `${url.hostname}:${Number(port)}`;
    });
}

function parsePublicUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new StartError(`PUBLIC_URL is ${text}, which is not an http(s) address`);
  return text.replace(/\/+$/, "");
}
