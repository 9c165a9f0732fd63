import { test } from "vitest";
import { simulate } from "./simulator.ts";
import { randomScenario } from "./random-scenario.ts";
test("go", () => {
  const t = Date.now(); const found = new Map<string, number[]>(); let n = 0; const trans = new Set<string>(); const counts: Record<string, number> = {};
  for (let seed = 1; seed <= Number(process.env.N ?? 500); seed++) { n++;
    try { const r = simulate(randomScenario(seed), { seed, chaos: 1 }); r.transitions.forEach((x) => trans.add(x)); for (const [k, v] of Object.entries(r.counts)) counts[k] = (counts[k] ?? 0) + v; counts[r.status] = (counts[r.status] ?? 0) + 1; } catch (e) { const m = String((e as Error).stack).slice(0, 900).replace(/\d{5,}/g, "#").replace(/n\d/g, "nX").replace(/row \d+/g, "row R").split("\n")[0]!.slice(0,130); const l = found.get(m) ?? []; l.push(seed); found.set(m, l); if (l.length===1 && !m.startsWith("Violation")) console.log(seed, (e as Error).stack) }
  }
  console.log(n, (Date.now() - t) / n, "ms each", JSON.stringify(counts), [...trans].sort().join(" ")); for (const [m, l] of found) console.log(l.length, l.slice(0, 5).join(), m);
}, 100000);
