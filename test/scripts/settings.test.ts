import { describe, expect, it } from "vitest";
import { splitStatements } from "../../scripts/supervisor/catalogue.mjs";
import { readSettings, StartError } from "../../scripts/supervisor/settings.mjs";

describe("the settings of npm start", () => {
  it("have defaults", () => {
    expect(readSettings({}, [])).toMatchObject({
      port: 8787,
      apiKey: undefined,
      egressAllow: [],
      publicUrl: "http://127.0.0.1:8787",
      readyFile: undefined,
      demo: true,
    });
  });

  it("leave out the demo when somebody waits for a ready file", () => {
    expect(readSettings({}, ["--ready-file", "ready.json"]).demo).toBe(false);
    expect(readSettings({}, ["--no-demo"]).demo).toBe(false);
  });

  it("normalise what egress may reach as URLs are normalised", () => {
    const { egressAllow } = readSettings({ ARCRUN_EGRESS_ALLOW: "127.0.0.1:8799, LOCALHOST:80 ,0x7f.1:9,[::0:1]:9000," }, []);
    expect(egressAllow).toEqual(["127.0.0.1:8799", "localhost:80", "127.0.0.1:9", "[::1]:9000"]);
  });

  it.each([
    [{ PORT: "abc" }, /PORT is abc/],
    [{ PORT: "70000" }, /PORT/],
    [{ ARCRUN_API_KEY: "ak_short" }, /ARCRUN_API_KEY/],
    [{ ARCRUN_EGRESS_ALLOW: "127.0.0.1" }, /not host:port/],
    [{ ARCRUN_EGRESS_ALLOW: "http://x:80/" }, /not host:port/],
    [{ PUBLIC_URL: "ftp://x" }, /PUBLIC_URL/],
    [{ ARCRUN_FAILURE_RATE: "0" }, /ARCRUN_FAILURE_RATE is 0/],
  ])("refuse %j in a plain sentence", (env, sentence) => {
    expect(() => readSettings(env, [])).toThrow(StartError);
    expect(() => readSettings(env, [])).toThrow(sentence);
  });
});

describe("a migration", () => {
  it("is split at the semicolons that end statements, and at no others", () => {
    const sql = `-- one; two
CREATE TABLE a (b TEXT DEFAULT 'x;''y', c INTEGER -- why; not
);
/* ; */ CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = 1 - 2; DELETE FROM a; END;
SELECT 4 / 2`;
    expect(splitStatements(sql).map((statement) => statement.replace(/\s+/g, " "))).toEqual([
      "CREATE TABLE a (b TEXT DEFAULT 'x;''y', c INTEGER )",
      "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = 1 - 2; DELETE FROM a; END",
      "SELECT 4 / 2",
    ]);
  });
});
