/** A small disk of its own (tmpfs), and something that fills it. */
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CHUNK = Buffer.alloc(4096, "x");
const IN_NAMESPACE = "ARCRUN_TEST_NAMESPACE";

/** Mounts it at `dir`, which is made; false: this machine does not let us. */
export function mountSmallDisk(dir, megabytes) {
  mkdirSync(dir, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0700`, "tmpfs", dir], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export function unmount(dir) {
  spawnSync("umount", ["--lazy", dir], { stdio: "ignore" });
}

/** Who is no root may mount in a namespace of his own: the same script runs there. Undefined: nothing was gained by that, or it is there already. */
export function runInNamespace(script) {
  if (process.env[IN_NAMESPACE] || process.platform !== "linux") return undefined;
  const probe = spawnSync("unshare", ["-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
  if (probe.status !== 0) return undefined;
  const args = ["-Urm", process.execPath, fileURLToPath(script), ...process.argv.slice(2)];
  return spawnSync("unshare", args, { stdio: "inherit", env: { ...process.env, [IN_NAMESPACE]: "1" } }).status ?? 1;
}

/** `fill()` takes what is free, as often as it is called; `free()` gives all of it back. */
export function openBallast(dir) {
  const ballast = openSync(join(dir, "ballast"), "w");
  let bytes = 0;
  return {
    fill() {
      try {
        for (;;) bytes += writeSync(ballast, CHUNK, 0, CHUNK.length, bytes);
      } catch (error) {
        if (error.code !== "ENOSPC") throw error;
      }
    },
    free() {
      bytes = 0;
      ftruncateSync(ballast, 0);
      closeSync(ballast);
    },
  };
}
