/** `acr part push`: builds, and uploads. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CliError } from "./cli-error.mjs";
import { build } from "./part-build.mjs";

const LOCAL_URL = "http://127.0.0.1:8787";
const ANSWERS_WITHIN_MS = 60_000;

export async function pushPart(argument, options, world) {
  const { manifestText, part } = await build(argument, options, world);
  const { url, key } = connection(options, world);
  const form = new FormData();
  form.set("manifest", new Blob([manifestText], { type: "application/yaml" }), "part.yaml");
  if (part.source === undefined) form.set("wasm", new Blob([part.wasm], { type: "application/wasm" }), "part.wasm");
  else form.set("source", new Blob([part.source], { type: "text/javascript" }), "part.js");
  const answer = await send(`${url}/parts`, key, form);
  const { name, version, digest, created, warnings = [] } = answer;
  const what = created ? "is pushed" : "was there already";
  const lines = [`${name} ${version} ${what}: ${digest}`, ...warnings.map(({ detail }) => `warning: ${detail}`)];
  return { text: lines.join("\n"), url, name, version, digest, created, warnings };
}

/** Where the engine is, and the key for it: as told, else that of an engine on this machine. */
function connection({ url }, { env, cwd }) {
  const address = (url ?? env.ARCRUN_URL ?? LOCAL_URL).replace(/\/+$/, "");
  if (!URL.canParse(address) || !/^https?:/.test(address))
    throw new CliError("usage", "usage", `${address} is no http(s) address of an engine`);
  const key = env.ARCRUN_API_KEY ?? localKey(resolve(cwd, env.ARCRUN_DATA_DIR ?? ".arcrun"));
  if (key === undefined)
    throw new CliError("usage", "api_key_missing", "there is no API key: set ARCRUN_API_KEY, or run acr where .arcrun is");
  return { url: address, key };
}

function localKey(dataDir) {
  try {
    return readFileSync(join(dataDir, "api-key"), "utf8").trim();
  } catch {
    return undefined;
  }
}

async function send(url, key, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "x-arcrun-api-key": key },
    body,
    signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
  }).catch((error) => {
    throw new CliError("notReachable", "not_reachable", `the engine at ${url} cannot be reached: ${error.cause?.message ?? error.message}`);
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 502 || response.status === 503)
    throw new CliError("notReachable", answer.code ?? "not_reachable", `the engine is not ready: ${answer.detail ?? response.status}`);
  const places = (answer.errors ?? []).map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`);
  throw new CliError("failed", answer.code ?? "failed", `${answer.detail ?? `the engine answered ${response.status}`}${places.join("")}`, {
    errors: answer.errors ?? [],
  });
}
