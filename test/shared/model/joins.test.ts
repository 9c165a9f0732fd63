import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JoinVerdict, judgeJoin } from "../../../shared/model/joins.ts";
import type { Join } from "../../../shared/model/plan.ts";

const quorum = (count: number): Join => ({ kind: "quorum", count });
const settled: Join = { kind: "settled" };
const all: Join = { kind: "all" };
const any: Join = { kind: "any" };

describe("a join of three edges", () => {
  const table: readonly (readonly [Join, number, number, JoinVerdict])[] = [
    [settled, 0, 0, "wait"],
    [settled, 2, 0, "wait"],
    [settled, 0, 2, "wait"],
    [settled, 1, 2, "fire"],
    [settled, 3, 0, "fire"],
    [settled, 0, 3, "skip"],
    [all, 2, 0, "wait"],
    [all, 3, 0, "fire"],
    [all, 0, 1, "skip"],
    [all, 2, 1, "skip"],
    [any, 0, 0, "wait"],
    [any, 0, 2, "wait"],
    [any, 1, 0, "fire"],
    [any, 1, 2, "fire"],
    [any, 0, 3, "skip"],
    [quorum(2), 1, 0, "wait"],
    [quorum(2), 1, 1, "wait"],
    [quorum(2), 2, 0, "fire"],
    [quorum(2), 0, 2, "skip"],
    [quorum(2), 1, 2, "skip"],
    [quorum(4), 0, 0, "skip"],
  ];
  it.each(table)("%o with %i taken and %i dead: %s", (join, taken, dead, verdict) => {
    expect(judgeJoin(join, { total: 3, taken, dead })).toBe(verdict);
  });
});

const anyJoin = fc.oneof(fc.constantFrom(settled, all, any), fc.integer({ min: 1, max: 9 }).map(quorum));

describe("any join", () => {
  it("is decided at the latest when every edge is", () => {
    fc.assert(
      fc.property(
        anyJoin,
        fc.nat(9),
        fc.nat(9),
        (join, taken, dead) => judgeJoin(join, { total: taken + dead, taken, dead }) !== "wait" || taken + dead === 0,
      ),
    );
  });

  it("never goes back on a verdict when more edges are decided", () => {
    fc.assert(
      fc.property(anyJoin, fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }), (join, edges) => {
        const verdicts = edges.map((_, at) => {
          const decided = edges.slice(0, at + 1);
          const taken = decided.filter(Boolean).length;
          return judgeJoin(join, { total: edges.length, taken, dead: decided.length - taken });
        });
        const first = verdicts.findIndex((verdict) => verdict !== "wait");
        return verdicts.slice(first).every((verdict) => verdict === verdicts[first]);
      }),
    );
  });
});
