import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openEgressHalf } from "../../scripts/supervisor/egress.mjs";

/** Names resolve to loopback here, whatever they are: were the guard to fail, nothing but this canary could be reached. */
const SPELLINGS = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "①②⑦.⓪.⓪.①", "[::ffff:127.0.0.1]"];
const NAMES = ["localhost", "localhost.", "LOCALHOST", "a.localhost", "rebound.example", "127.0.0.1.nip.example"];

let canary: http.Server;
let port: number;
let hits = 0;
let half: Awaited<ReturnType<typeof openEgressHalf>>;

beforeAll(async () => {
  canary = http.createServer((_request, response) => {
    hits += 1;
    response.end("reached");
  });
  await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
  ({ port } = canary.address() as AddressInfo); // reason: it listens on a port, not on a pipe
  const resolve = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
  half = await openEgressHalf({ token: "secret", allow: [`allowed.example:${port}`], resolve });
});

afterAll(() => {
  half.close();
  canary.close();
});

async function ask(url: string) {
  const headers = { authorization: "Bearer secret", "x-egress-url": url };
  const answered = await fetch(`http://127.0.0.1:${half.port}/`, { method: "POST", headers });
  return { status: answered.status, error: answered.headers.get("x-egress-error"), text: await answered.text() };
}

it.each([...SPELLINGS, ...NAMES])("%s on a port of ours is refused and nothing is contacted", async (host) => {
  hits = 0;
  const refused = { status: 403, error: "denied", text: "this address may not be reached" };
  expect(await ask(encodeURI(`http://${host}:${port}/cdn-cgi/`).replace(/%5B/g, "[").replace(/%5D/g, "]"))).toEqual(refused);
  expect(hits).toBe(0);
});

it("the canary is reached by a name that the operator allowed", async () => {
  hits = 0;
  expect(await ask(`http://allowed.example:${port}/`)).toEqual({ status: 200, error: null, text: "reached" });
  expect(hits).toBe(1);
});
