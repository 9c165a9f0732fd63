/** An invariant of the reliability contract that a simulated run broke. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** `invariant` is its short name, I1 and so on. */
export const fail = (invariant: string, what: string): never => {
  throw new Violation(`${invariant}: ${what}`);
};
