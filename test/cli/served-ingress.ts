/** The ingress app over ports in memory, on a port of this machine. */
import type { AddressInfo } from "node:net";
import { serve, type ServerType } from "@hono/node-server";
import { afterAll, beforeAll } from "vitest";
import { createIngressApp } from "../../workers/ingress/app.ts";
import { apiKey, background } from "../workers/fake-stores.ts";
import { ingress } from "../workers/ingress/fake-ingress.ts";

/** `env` is what `acr` finds it by, once it runs; `laid` the parts that were stored. */
export function servedIngress() {
  const { deps, laid } = ingress();
  let server: ServerType;
  beforeAll(async () => {
    const app = createIngressApp(deps);
    server = await new Promise((ready) => {
      const started = serve({ fetch: (request) => app.fetch(request, background), hostname: "127.0.0.1", port: 0 }, () => ready(started));
    });
  });
  afterAll(() => new Promise((closed) => server.close(closed)));
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port, not on a path
  return { url, env: () => ({ ARCRUN_URL: url(), ARCRUN_API_KEY: apiKey("owner") }), laid };
}
