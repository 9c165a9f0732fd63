/**
 * Whether all that was built is still what a build would make: one look at names, sizes and times, so that a start neither compiles nor
 * hashes anything. What is wrong with a stamp, be it half of one, means that it is not fresh.
 *
 * 1. A stamp tells of what was there before the build began: what changed meanwhile is seen as a change.
 * 2. Whole folders count, not lists of files: a file that nobody read yet, or that is gone, is a change, too.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeWhole } from "./supervisor/data-dir.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Where that of this project lies. */
export const STAMP = { root: ROOT, file: join(ROOT, "dist", "local", "stamp.json") };

const FOLDERS = ["parts", "recipes", "scripts", "shared", "workers"];
/** What npm installed is in the last of them. */
const FILES = ["wrangler.toml", "tsconfig.json", "package.json", "package-lock.json", "node_modules/.package-lock.json"];
const BUILT = "generated";
/** What builds write for themselves, and what tests do. */
const NOT_READ = new Set([`${BUILT}/.load`, `${BUILT}/test`]);

/** To be taken before a build, and given to `writeStamp` after it. */
export const lookAtSources = (root) => linesOf(root, FOLDERS, FILES);

/** `workers` and `inputs` as `buildWorkers` gives them. */
export function writeStamp({ root, file, sources, workers, inputs }) {
  const packages = inputs.filter((path) => ![...FOLDERS, BUILT].includes(path.split("/")[0]));
  const digest = digestOf([...sources, ...resultLines(root, workers, packages)]);
  writeWhole(file, JSON.stringify({ digest, packages, workers }));
}

/** The Workers of the last build, as `workerd-host.mjs` starts them; undefined when they have to be built. */
export function readFresh({ root, file }) {
  try {
    const { digest, packages, workers } = JSON.parse(readFileSync(file, "utf8"));
    if (digestOf([...lookAtSources(root), ...resultLines(root, workers, packages)]) !== digest) return undefined;
    const now = new Date();
    for (const { modulesRoot } of workers) utimesSync(modulesRoot, now, now); // in use: not to be forgotten
    return workers;
  } catch {
    return undefined;
  }
}

const resultLines = (root, workers, packages) => [
  ...linesOf(root, [BUILT], packages),
  ...workers.flatMap(({ modules }) => modules.map(({ path }) => lineOf(path, path))),
];

function linesOf(root, folders, files) {
  const inFolders = folders.flatMap((folder) => filesBelow(root, folder));
  return [...inFolders, ...files].map((path) => lineOf(path, join(root, path)));
}

function filesBelow(root, folder) {
  if (NOT_READ.has(folder)) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? filesBelow(root, `${folder}/${entry.name}`) : [`${folder}/${entry.name}`]));
}

/** The time of change, too: a copy that keeps the time of its content is another file nevertheless. */
function lineOf(name, path) {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? `${name}\0none` : `${name}\0${found.size} ${found.mtimeMs} ${found.ctimeMs} ${found.ino}`;
}

const digestOf = (lines) => createHash("sha256").update(lines.toSorted().join("\n")).digest("hex");
