import { expect, it } from "vitest";
import { exhaust } from "./exhaustive.ts";
import { allShapes } from "./graphs.ts";

/** Ways to fill a shape with relations, joins, effects and endings that are tried for each shape. */
const FILLINGS = Number(process.env["FILLINGS"] ?? 8);

it("there are 40 graphs of up to four nodes", () => {
  expect([1, 2, 3, 4].map((size) => allShapes(4).filter((shape) => shape.size === size).length)).toEqual([1, 2, 6, 31]);
});

it(
  "every graph of up to four nodes ends right, whatever the await at which the process dies and whichever message comes twice",
  { timeout: 900_000 },
  () => {
    let total = { schedules: 0, crashPoints: 0, shapes: 0 };
    for (total of exhaust(FILLINGS, 1, 4));
    const { schedules, crashPoints, shapes } = total;
    console.log(`exhaustive: ${schedules} schedules, ${crashPoints} places to crash, ${shapes} graphs, ${FILLINGS} fillings each`);
    expect(shapes).toBe(40);
    expect(schedules).toBeGreaterThan(40 * FILLINGS * 50);
  },
);
