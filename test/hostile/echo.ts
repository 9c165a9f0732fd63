/** A service on loopback that sends back whatever it is sent, in every way that secrets are written, and keeps it. */
import http from "node:http";
import type { AddressInfo } from "node:net";

/** So much of the same that the answer is no small value any more. */
const REPEATS = 300;

/** Below `/fine/` it answers 200, elsewhere 500. */
export async function openEcho() {
  const heard: string[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const [body, key] = [Buffer.concat(chunks).toString(), String(request.headers["x-key"])];
      heard.push(`${request.url} ${JSON.stringify(request.headers)} ${body}`);
      const inBase64 = ["", "u", "u:", "user:"].map((before) => Buffer.from(`${before}${key} and more`).toString("base64"));
      const hex = Buffer.from(key).toString("hex");
      const forms = [key, Buffer.from(key).toString("base64"), encodeURIComponent(key), hex, hex.toUpperCase(), ...inBase64];
      const url = new URL(request.url ?? "/", "http://echo");
      const answer = { headers: request.headers, url: request.url, body, forms, many: Array.from({ length: REPEATS }, () => forms) };
      response.writeHead(url.pathname.startsWith("/fine/") ? 200 : 500, { "content-type": "application/json", "x-echo": key });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return { host: `127.0.0.1:${port}`, heard, close: () => void server.close() };
}
