/** The stretches in which `bytes` differ from `base` (zeros where that ends); stretches closer than `maxGap` are one. */
export function findRuns(bytes: Uint8Array, base: Uint8Array, maxGap: number): readonly { readonly start: number; readonly end: number }[] {
  const runs: { start: number; end: number }[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === (base[at] ?? 0)) continue;
    const last = runs.at(-1);
    if (last !== undefined && at - last.end < maxGap) last.end = at + 1;
    else runs.push({ start: at, end: at + 1 });
  }
  return runs;
}
