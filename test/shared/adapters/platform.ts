/** The real stores, in a workerd of their own, for the tests of the adapters. */
import { readdirSync, readFileSync } from "node:fs";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

/** `close` ends the process. */
export async function startPlatform() {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      unsafeLocalExplorer: false,
      unsafeObservability: false,
      workers: [
        {
          name: "stores",
          modules: true,
          script: "export default { fetch: () => new Response() }",
          compatibilityDate: "2026-10-01",
          d1Databases: ["DB"],
          r2Buckets: ["PAYLOADS"],
        },
      ],
    }),
  );
  // Miniflare's proxies have the methods of the bindings, under types of its own.
  const db = (await miniflare.getD1Database("DB")) as unknown as D1Database;
  const bucket = (await miniflare.getR2Bucket("PAYLOADS")) as unknown as R2Bucket;
  for (const file of readdirSync("migrations").toSorted()) {
    const sql = readFileSync(`migrations/${file}`, "utf8").replaceAll(/--.*$/gm, "");
    const statements = sql.split(";").filter((statement) => statement.trim() !== "");
    await db.batch(statements.map((statement) => db.prepare(statement)));
  }
  return { db, bucket, close: () => miniflare.dispose() };
}
