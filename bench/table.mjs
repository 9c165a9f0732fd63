/** What was measured, side by side, and whether the aims are met. */
import { quantile } from "./client.mjs";

/** Against Cloudflare Workflows: at most (latency), or at least (throughput), so many times its value. */
const AIMS = { chain: 0.9, fan: 0.2, throughput: 2 };

/** `measured`: `{ floor, workflows, engine }`, each with samples `chain`, `asked` (from the request), `fan` in ms, and rates `short`, `long` a second. */
export function table(measured, { HOPS, FAN, BURSTS, LOOP }) {
  const { floor, workflows, engine } = measured;
  const latency = (title, kind, share, aim) => {
    const [least, theirs, ours] = [floor, workflows, engine].map((one) => quantile(one[kind], share));
    return [
      title,
      ms(least),
      ms(theirs),
      ms(ours),
      times(ours / least),
      times(ours / theirs),
      aim && verdict(ours / theirs <= aim, `≤ ${aim} ×`),
    ];
  };
  const throughput = (kind) => {
    const { runs, hops } = BURSTS[kind];
    const [least, theirs, ours] = [floor, workflows, engine].map((one) => one[kind]);
    const aim = verdict(ours / theirs >= AIMS.throughput, `≥ ${AIMS.throughput} ×`);
    return [`steps, ${runs} runs of ${hops}`, rate(least), rate(theirs), rate(ours), times(ours / least), times(ours / theirs), aim];
  };
  const { items, parallel } = LOOP;
  return aligned([
    ["", "floor", "Workflows", "Arcrun", "to the floor", "to Workflows", "aim"],
    latency(`chain of ${HOPS}, p50`, "chain", 0.5),
    latency(`chain of ${HOPS}, p99`, "chain", 0.99),
    latency(`from the request to its end, p50`, "asked", 0.5, AIMS.chain),
    latency(`1 → ${FAN} → join, p50`, "fan", 0.5, AIMS.fan),
    latency(`1 → ${FAN} → join, worst`, "fan", 1),
    throughput("short"),
    throughput("long"),
    [`items of a loop, ${parallel} of ${items} at once`, rate(floor.long), "", rate(engine.loop), times(engine.loop / floor.long)],
    ["runs accepted over HTTP meanwhile", "", "", rate(engine.accepted)],
    ["rows of a pure step", "0", "", engine.rows.toFixed(1)],
    ["calls of run objects a step", "0", "", engine.perStep.rpcs.toFixed(2)],
    ["messages a step", "1", "0", engine.perStep.messages.toFixed(2)],
  ]);
}

const ms = (value) => `${value.toFixed(0)} ms`;
const rate = (value) => `${value.toFixed(0)}/s`;
const times = (ratio) => `${ratio.toFixed(2)} ×`;
const verdict = (isMet, aim) => `${aim} ${isMet ? "met" : "not met"}`;

function aligned(rows) {
  const cells = rows.map((row) => rows[0].map((_, column) => row[column] ?? ""));
  const widths = rows[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join("   ")
        .trimEnd(),
    )
    .join("\n");
}
