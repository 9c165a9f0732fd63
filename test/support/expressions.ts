import { ArcrunError } from "../../shared/model/errors.ts";

/** What the expressions of the tests look into. */
export const scope = {
  input: {
    n: 3,
    half: 0.5,
    yes: true,
    nothing: null,
    list: [1, 2, 3],
    name: "Ada",
    "x-y": "hyphen",
    n2: { "y-1": 9 },
    標題: "你好",
    items: [
      { id: "i1", n: 1 },
      { id: "i2", n: 2 },
    ],
    two: "a👩b",
  },
  "a-1": { data: { x: 5 } },
  a: 10,
  "two words": { data: { n: 1 } },
  café: 7,
  item: 4,
  抓取: { data: { 標題: "題" } },
};
export const names = new Set(Object.keys(scope));

/** The code and message of what is thrown; anything but an ArcrunError fails the test. */
export const problem = (run: () => unknown): ArcrunError => {
  try {
    run();
  } catch (error) {
    if (error instanceof ArcrunError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};
