/** Calls the compilers that the owner has. Each function takes a folder and the file to write, and throws a `CliError` that says what is missing. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "./cli-error.mjs";

const COMPILES_WITHIN_MS = 300_000;
const MAX_SHOWN_CHARS = 8000;
/** Of small stacks and big ones: what a part may have in all is in its manifest. */
const STACK_BYTES = 1024 * 1024;

export function compileC(folder, target) {
  const sdk = process.env.WASI_SDK_PATH;
  const clang = sdk ? join(sdk, "bin", "clang") : "clang";
  const missing = `C needs clang for WASI. On Debian: apt install clang lld wasi-libc libclang-rt-dev-wasm32; elsewhere take the WASI SDK and set WASI_SDK_PATH.`;
  const flags = ["--target=wasm32-wasi", "-Os", "-Wall", "-Wextra", `-Wl,-z,stack-size=${STACK_BYTES}`, "-Wl,--strip-all"];
  run(clang, [...flags, ...sourcesIn(folder, ".c"), "-o", target], { folder, missing });
}

export function compileRust(folder, target) {
  const compiler = findRust();
  if (compiler === undefined)
    throw compilerMissing(
      "Rust needs its library for WASI: rustup target add wasm32-wasip1. On Debian: apt install rustc libstd-rust-dev-wasm32.",
    );
  const { rustc, triple } = compiler;
  if (existsSync(join(folder, "Cargo.toml"))) return compileCargo(folder, target, compiler);
  const flags = ["--edition", "2021", "-C", "opt-level=s", "-C", "lto", "-C", "panic=abort", "-C", "strip=symbols"];
  run(rustc, ["--crate-name", "part", "--target", triple, ...flags, "main.rs", "-o", target], { folder, missing: "" });
}

function compileCargo(folder, target, { rustc, triple }) {
  const out = join(folder, "build", "cargo");
  const args = ["build", "--release", "--target", triple, "--target-dir", out];
  run("cargo", args, { folder, missing: "A Cargo.toml needs cargo.", env: { RUSTC: rustc } });
  const made = readdirSync(join(out, triple, "release")).filter((name) => name.endsWith(".wasm"));
  if (made.length !== 1) throw new CliError("failed", "compiler.failed", `cargo made ${made.length} modules; a part is one binary`);
  copyFileSync(join(out, triple, "release", made[0]), target);
}

/** The first compiler that has the library for WASI, under its new name or its old one. */
function findRust() {
  for (const rustc of [process.env.RUSTC, "rustc", "/usr/bin/rustc"].filter(Boolean)) {
    const sysroot = spawnSync(rustc, ["--print", "sysroot"], { encoding: "utf8", timeout: COMPILES_WITHIN_MS });
    if (sysroot.status !== 0) continue;
    const triple = ["wasm32-wasip1", "wasm32-wasi"].find((name) => existsSync(join(sysroot.stdout.trim(), "lib/rustlib", name, "lib")));
    if (triple !== undefined) return { rustc, triple };
  }
  return undefined;
}

export function compileTinyGo(folder, target) {
  const missing =
    "Go needs TinyGo: https://tinygo.org/getting-started/install. (What the Go compiler itself makes imports more than a part may.)";
  const flags = ["-target=wasip1", "-opt=z", "-no-debug", "-scheduler=none"];
  run("tinygo", ["build", ...flags, "-o", target, "."], { folder, missing });
}

function sourcesIn(folder, suffix) {
  return readdirSync(folder).filter((name) => name.endsWith(suffix));
}

function run(command, args, { folder, missing, env = {} }) {
  const options = { cwd: folder, encoding: "utf8", timeout: COMPILES_WITHIN_MS, env: { ...process.env, ...env } };
  const { status, error, stdout, stderr } = spawnSync(command, args, options);
  if (error?.code === "ENOENT") throw compilerMissing(missing);
  const said = `${stdout ?? ""}${stderr ?? ""}`.slice(0, MAX_SHOWN_CHARS).trim();
  if (/cannot open .*(?:crt1|libclang_rt)|'stdio\.h' file not found/.test(said)) throw compilerMissing(`${missing}\n${said}`);
  if (status !== 0) throw new CliError("failed", "compiler.failed", `${command} failed${error ? ` (${error.message})` : ""}:\n${said}`);
}

const compilerMissing = (message) => new CliError("failed", "compiler.missing", message);
