#!/usr/bin/env node
/** `acr`: Arcrun from the command line. Exit codes: 0 ok, 1 failed, 2 usage, 3 not reachable. */
import { runCommand } from "./run-command.mjs";

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
});
