/** From arguments to one command and its answer: lines for people, or one JSON document with `--json`. */
import { parseArgs } from "node:util";
import { CliError, EXIT } from "./cli-error.mjs";
import { buildPart } from "./part-build.mjs";
import { newPart } from "./part-new.mjs";
import { pushPart } from "./part-push.mjs";
import { testPart } from "./part-test.mjs";
import { LANGUAGES } from "./languages.mjs";

const HELP = `acr part new NAME --lang ${Object.keys(LANGUAGES).join("|")}   writes a part to begin with
acr part build [FOLDER]   compiles it, and checks module and manifest as an upload does
acr part test [FOLDER]    builds it, and runs its cases against the host of parts
acr part push [FOLDER]    builds it, and uploads it

  --wasm FILE   takes this module as it is, and compiles nothing (build, test, push)
  --url URL     of the engine (push); else ARCRUN_URL, else http://127.0.0.1:8787. The key is ARCRUN_API_KEY, or that of .arcrun
  --json        answers one JSON document
Exit codes: 0 ok, 1 failed, 2 usage, 3 the engine cannot be reached.`;

/** Each takes `(argument, options, world)` and gives `{ text, ...answer }`, or throws a `CliError`. */
const COMMANDS = { "part new": newPart, "part build": buildPart, "part test": testPart, "part push": pushPart };
const OPTIONS = {
  lang: { type: "string" },
  wasm: { type: "string" },
  url: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false, short: "h" },
};

/** `world` is `{ env, cwd, out, err }`. Resolves to the exit code; never rejects. */
export async function runCommand(argv, world) {
  const isJson = argv.includes("--json");
  try {
    const { text, ...answer } = await dispatch(argv, world);
    world.out(isJson ? JSON.stringify({ ok: true, ...answer }) : text);
    return 0;
  } catch (thrown) {
    const error = thrown instanceof CliError ? thrown : new CliError("failed", "internal_error", String(thrown?.stack ?? thrown));
    if (isJson) world.out(JSON.stringify({ ok: false, ...error.details, error: { code: error.code, message: error.message } }));
    else world.err(error.message);
    return EXIT[error.kind];
  }
}

async function dispatch(argv, world) {
  const { values, positionals } = parsed(argv);
  if (values.help || positionals.length === 0) return { text: HELP };
  const [group, verb, argument, ...rest] = positionals;
  const command = COMMANDS[`${group} ${verb}`];
  if (command === undefined) throw new CliError("usage", "usage", `acr knows no "${positionals.slice(0, 2).join(" ")}".\n${HELP}`);
  if (rest.length > 0) throw new CliError("usage", "usage", `"${rest[0]}" is one argument too many.\n${HELP}`);
  return command(argument, values, world);
}

function parsed(argv) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new CliError("usage", "usage", `${error.message}\n${HELP}`);
  }
}
