/** The three Workers, and more, as their wrangler files have them, with real queues and stores, and two tenants with a key each. */
import { createHash } from "node:crypto";
import { createTestHarness } from "wrangler";

const secrets = { MASTER_KEY: "3c".repeat(32) };
/** Of the tenant `default`. */
export const API_KEY = `ak_${"0".repeat(48)}`;
const KEYS = { default: API_KEY, other: `ak_${"1".repeat(48)}` } as const;
type IngressEnv = { readonly DB: D1Database; readonly TRIGGERS: Queue };
type Sent = { readonly method?: string; readonly body?: string | FormData; readonly tenant?: keyof typeof KEYS };

export const createEngine = (...more: readonly string[]) => createEngineWith({}, ...more);

/** `vars` are what the supervisor would tell the runner besides. */
export function createEngineWith(vars: Readonly<Record<string, string>>, ...more: readonly string[]) {
  const server = createTestHarness({
    workers: [
      { configPath: "wrangler.toml", secrets },
      { configPath: "workers/runner/wrangler.toml", secrets: { ...secrets, ...vars } },
      { configPath: "workers/callback/wrangler.toml", secrets },
      ...more.map((configPath) => ({ configPath })),
    ],
  });
  const ingress = server.getWorker<IngressEnv>("arcrun-ingress");
  return {
    server,
    ingress,
    /** Gives the address for those who do not come through `api`. */
    start: async (): Promise<URL> => {
      const { url } = await server.listen();
      await ingress.applyD1Migrations("DB");
      const { DB } = await ingress.getEnv();
      const scopes = JSON.stringify(["admin", "deploy", "trigger", "read"]);
      const sql = "INSERT INTO keys (id, tenant, name, hash, scopes, seeded, created_at) VALUES (?, ?, 'test', ?, ?, 1, 0)";
      for (const [tenant, key] of Object.entries(KEYS))
        await DB.prepare(sql).bind(`key_${tenant}`, tenant, createHash("sha256").update(key).digest("hex"), scopes).run();
      return url;
    },
    api: async <T>(path: string, { tenant = "default", body = "", method = "GET" }: Sent = {}): Promise<T> => {
      // A form is made into bytes here: the harness knows its own kind of forms only.
      const sent = new Response(body, body instanceof FormData ? {} : { headers: { "content-type": "application/json" } });
      const response = await ingress.fetch(`http://arcrun${path}`, {
        method,
        headers: { authorization: `Bearer ${KEYS[tenant]}`, "content-type": sent.headers.get("content-type") ?? "" },
        ...(method === "GET" ? {} : { body: await sent.arrayBuffer() }),
      });
      return (await response.json()) as T; // each test names what it expects, and asserts it
    },
  };
}
