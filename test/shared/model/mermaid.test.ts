import { describe, expect, it } from "vitest";
import { toMermaid } from "../../../shared/model/mermaid.ts";
import { compile, set } from "../../support/definitions.ts";

describe("The drawing", () => {
  const plan = compile({
    flow: ["input >> PIPE >> 抓取", '抓取 >> WHEN(抓取.data.n > "<3|]") >> b-1', "b-1 >> 否則 >> end"],
    config: { 抓取: set(), "b-1": set() },
  });

  it("shows vertices, edges and statuses, and no character that means something to Mermaid", () => {
    expect(toMermaid(plan, { "b-1": "failed", 抓取: "odd" })).toBe(
      [
        "flowchart TD",
        '  v0(["input"])',
        '  v1["抓取"]',
        '  v2["b-1"]:::failed',
        '  v3(["output"])',
        '  v0 -->|"PIPE"| v1',
        '  v1 -->|"WHEN(抓取.data.n #62; #34;#60;3#124;#93;#34;)"| v2',
        '  v2 -->|"ON_BRANCH(false)"| v3',
        "  classDef failed fill:#ffe3e3,stroke:#c92a2a",
      ].join("\n"),
    );
  });
});
