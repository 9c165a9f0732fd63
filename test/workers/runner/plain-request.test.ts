import { describe, expect, it } from "vitest";
import type { AuthRecipe } from "../../../shared/recipe.ts";
import { addressRequest, serviceRequest } from "../../../workers/runner/plain-request.ts";

const secret = (name: string): string => `<${name}>`;
const service = (inject: AuthRecipe["inject"]): AuthRecipe => ({
  service: "shop",
  primitive: "static_key",
  baseUrl: "https://api.shop.example/v1",
  hosts: ["api.shop.example"],
  requiredSecrets: [],
  inject,
});

describe("A node whose component is", () => {
  it("an address POSTs there what it is given", () => {
    expect(addressRequest("https://a.example/hook", { n: 1 })).toEqual({
      method: "POST",
      url: "https://a.example/hook",
      body_json: { n: 1 },
    });
  });

  it("a service sends the request of its config, with the secrets of the service wherever they belong", () => {
    const auth = service({
      header: { authorization: "Bearer {{credential.KEY}}" },
      query: { k: "{{credential.KEY}}" },
      body: { token: "{{credential.KEY}}" },
      path: "/bot{{credential.KEY}}",
    });
    const params = {
      url: "/orders",
      method: "POST",
      headers: { authorization: "mine", "x-a": "b" },
      query: { page: 2 },
      body_json: { id: 7 },
    };
    expect(serviceRequest(auth, params, secret)).toEqual({
      url: "https://api.shop.example/bot<KEY>/v1/orders",
      method: "POST",
      headers: { authorization: "Bearer <KEY>", "x-a": "b" },
      query: { page: 2, k: "<KEY>" },
      body_json: { id: 7, token: "<KEY>" },
    });
  });

  it("a service takes a whole address too, and without one asks the service itself", () => {
    const auth = service({});
    expect(serviceRequest(auth, { url: "https://files.shop.example/a" }, secret)).toMatchObject({ url: "https://files.shop.example/a" });
    expect(serviceRequest(auth, {}, secret)).toMatchObject({ url: "https://api.shop.example/v1" });
    expect(() => serviceRequest(auth, { url: "orders" }, secret)).toThrow(/begins with \//);
  });
});
