/** A module as a part author compiles it: AssemblyScript, with a loop and memory of its own. */
import asc from "assemblyscript/asc";

export const PRIMES = `
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, iovs: usize, count: i32, written: usize): i32;
function abort(_message: string | null, _file: string | null, _line: u32, _column: u32): void { unreachable(); }

function main(): void {
  const sieve = new Array<bool>();
  for (let i = 0; i < 10000; i++) sieve.push(true);
  let count = 0;
  for (let i = 2; i < 10000; i++) {
    if (!sieve[i]) continue;
    count++;
    for (let j = i * 2; j < 10000; j += i) sieve[j] = false;
  }
  const text = String.UTF8.encode('{"success":true,"data":' + count.toString() + "}");
  const list = memory.data(16);
  store<usize>(list, changetype<usize>(text));
  store<i32>(list, text.byteLength, 4);
  fd_write(1, list, 1, list + 8);
}
main();
`;

export async function compileAssemblyScript(source: string): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const options = [
    "main.ts",
    "--optimize",
    "--runtime",
    "incremental",
    "--use",
    "abort=main/abort",
    "--exportStart",
    "_start",
    "--outFile",
    "main.wasm",
  ];
  const problems: string[] = [];
  const { error } = await asc.main(options, {
    readFile: (name) => (name === "main.ts" ? source : null),
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) binary = contents;
    },
    listFiles: () => [],
    stderr: { write: (text: string) => problems.push(text) > 0 },
  });
  if (error !== null || binary === undefined) throw new Error(problems.join(""));
  return binary;
}
