/** What waits for people and for times, through the whole engine; the page of an approval in a real browser. */
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { hasBrowser, openBrowser } from "../support/browser.ts";
import { createEngine } from "../support/engine-harness.ts";

const engine = createEngine();
const { api } = engine;
let origin: string;
let browser: Browser | undefined;
beforeAll(async () => {
  origin = (await engine.start()).origin;
  browser = hasBrowser ? await openBrowser() : undefined;
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await engine.server.close();
});

type Wait = { readonly reason: string; readonly approval_url: string; readonly callback_url: string };
type Run = { readonly run_id: string; readonly status: string; readonly output: unknown; readonly waiting: readonly Wait[] };

const ASK = {
  name: "ask",
  description: "d",
  flow: ["input >> ON_SUCCESS >> ask"],
  config: {
    ask: {
      component: "approval",
      title: "Pay {{input.amount}} to <ACME>?",
      fields: {
        description: "The invoice is due on Friday.",
        properties: {
          amount: { type: "integer", title: "Amount", description: "In euros", minimum: 1 },
          account: { enum: ["main", "spare"], title: "Account" },
          urgent: { type: "boolean", title: "Urgent" },
          note: { type: "string", title: "Note", maxLength: 500 },
        },
        required: ["amount", "account"],
      },
    },
  },
};

async function asked(): Promise<{ readonly id: string; readonly path: string }> {
  await api("/webhooks/named", { method: "POST", body: JSON.stringify(ASK) });
  const { run_id: id } = await api<Run>("/webhooks/named/ask/trigger", { method: "POST", body: '{"amount":12}' });
  const path = await vi.waitFor(async () => {
    const [wait] = (await api<Run>(`/runs/${id}`)).waiting;
    expect(wait?.reason).toBe("approval");
    return new URL(wait?.approval_url ?? "http://nobody-asks").pathname;
  }, 10_000);
  return { id, path };
}

const ended = (id: string) =>
  vi.waitFor(async () => {
    const run = await api<Run>(`/runs/${id}`);
    expect(run.status).toBe("succeeded");
    return run.output;
  }, 10_000);

it("a schedule is planned by the push, listed, and gone with its workflow", async () => {
  const schedule = [{ cron: "0 3 1 1 *", timezone: "Asia/Taipei", overlap: "allow", catch_up: "last" }];
  const body = JSON.stringify({ ...ASK, name: "yearly", schedule });
  await api("/webhooks/named", { method: "POST", body });
  const { schedules } = await api<{ schedules: readonly { next_at: string }[] }>("/schedules?workflow=yearly");
  expect(schedules).toMatchObject([{ workflow: "yearly", ...schedule[0], last_at: null, last_run_id: null, skipped: 0, missed: 0 }]);
  expect(schedules[0]?.next_at).toMatch(/-12-31T19:00:00\.000Z$/);
  await api("/webhooks/named/yearly", { method: "DELETE" });
  expect(await api("/schedules?workflow=yearly")).toEqual({ schedules: [], next_cursor: null });
});

it("letters leave the desk when their run is gone on with, and others come if that fails, too", async () => {
  const definition = {
    name: "letters",
    description: "d",
    flow: ["input >> ON_SUCCESS >> broken"],
    config: { broken: { component: "assert", that: "{{input.n > 5}}", code: "test.small" } },
    policy: { run: { final_callback: "http://127.0.0.1:1/nobody" } },
  };
  await api("/webhooks/named", { method: "POST", body: JSON.stringify(definition) });
  const { run_id: id } = await api<Run>("/webhooks/named/letters/trigger", { method: "POST", body: '{"n":1}' });
  type Letter = { readonly id: string; readonly step: string; readonly at: string };
  const desk = async () => (await api<{ dead_letters: readonly Letter[] }>("/dead-letters?workflow=letters")).dead_letters;
  const both = (former: readonly Letter[]) =>
    vi.waitFor(async () => {
      const letters = await desk();
      expect(letters.map(({ step }) => step).toSorted()).toEqual(["$final_callback", "broken"]);
      expect(letters.filter((letter) => former.some((one) => one.id === letter.id))).toEqual([]);
      return letters;
    }, 10_000);
  const first = await both([]);
  const [told, broken] = first.toSorted((one, other) => one.step.localeCompare(other.step));
  expect(await api(`/dead-letters/${told?.id}/redrive`, { method: "POST", body: "{}" })).toMatchObject({ code: "run_not_redrivable" });
  await api(`/dead-letters/${broken?.id}/redrive`, { method: "POST", body: "{}" });
  const second = await both(first);
  expect(second.every(({ at }) => Date.parse(at) > Date.parse(broken?.at ?? ""))).toBe(true);
  expect((await api<Run>(`/runs/${id}`)).status).toBe("failed");
});

it("an approval is answered by JSON, too, exactly once", async () => {
  const { id, path } = await asked();
  const answer = (body: object) => api(path, { method: "POST", body: JSON.stringify(body) });
  expect(await answer({ approved: true, answers: { amount: 0 } })).toMatchObject({ code: "validation_failed" });
  const given = { approved: true, by: "bot", answers: { amount: 12, account: "main" } };
  const replies = await Promise.all([answer(given), answer({ ...given, by: "other" }), answer(given)]);
  const kinds = replies.map((reply) =>
    Object.entries(reply as Record<string, unknown>).find(([name]) => ["resumed", "reason", "code"].includes(name)),
  );
  expect(kinds.filter((kind) => kind?.[0] === "resumed")).toHaveLength(1);
  expect(await ended(id)).toMatchObject({ approved: true });
});

describe.skipIf(!hasBrowser)("the page of an approval, in a browser", () => {
  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    if (browser === undefined) throw new Error("there is no browser");
    const page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(origin + path);
    return page;
  }
  const statusOf = async (page: Page, press: () => Promise<void>): Promise<number> => {
    const [response] = await Promise.all([page.waitForResponse((one) => one.request().isNavigationRequest()), press()]);
    await page.waitForLoadState();
    return response.status();
  };

  it("takes the fields and the approval of a person who never touches the mouse", async () => {
    const { id, path } = await asked();
    const page = await open(path);
    expect(await page.title()).toBe("Pay 12 to <ACME>?");
    await page.keyboard.press("Tab");
    await page.keyboard.type("12");
    await page.keyboard.press("Enter"); // sends nothing: only a button does
    await page.keyboard.press("Tab");
    await page.keyboard.type("spare");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.type("line one\nline two");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Ann");
    await page.keyboard.press("Tab");
    expect(await statusOf(page, () => page.keyboard.press("Enter"))).toBe(200);
    expect(await page.getByRole("heading").textContent()).toBe("Approved");
    const answers = { amount: 12, account: "spare", urgent: true, note: "line one\nline two" };
    expect(await ended(id)).toEqual({ approved: true, by: "Ann", answers });
    await page.reload(); // the form is sent again
    expect(await page.title()).toBe("Already approved");
    await page.goto(origin + path);
    expect([await page.title(), await page.locator("form").count()]).toEqual(["Already approved", 0]);
  });

  it("keeps what was entered and says at the field what is wrong with it", async () => {
    const { id, path } = await asked();
    const page = await open(path);
    await page.getByLabel("Amount").fill("0");
    await page.getByLabel("Account").selectOption("main");
    await page.getByLabel("Note").fill('<b>"keep"</b>');
    // As a browser that does not check the fields itself.
    await page.evaluate("document.forms[0].noValidate = true");
    expect(await statusOf(page, () => page.getByRole("button", { name: "Approve" }).click())).toBe(422);
    const amount = page.getByLabel("Amount");
    expect([await amount.getAttribute("aria-invalid"), await amount.inputValue(), await page.getByLabel("Note").inputValue()]).toEqual([
      "true",
      "0",
      '<b>"keep"</b>',
    ]);
    expect(await page.getByRole("alert").textContent()).toBe("Nothing was sent. Please look at: Amount.");
    await amount.fill("3");
    expect(await statusOf(page, () => page.getByRole("button", { name: "Approve" }).click())).toBe(200);
    expect(await ended(id)).toMatchObject({ approved: true, answers: { amount: 3, note: '<b>"keep"</b>' } });
  });

  it("lets reject without a word, and tells whoever comes second", async () => {
    const { id, path } = await asked();
    const [first, second] = [await open(path), await open(path)];
    expect(await statusOf(first, () => first.getByRole("button", { name: "Reject" }).click())).toBe(200);
    expect(await ended(id)).toEqual({ approved: false, by: null, answers: { urgent: false } });
    await second.getByLabel("Amount").fill("1");
    await second.getByLabel("Account").selectOption("main");
    expect(await statusOf(second, () => second.getByRole("button", { name: "Approve" }).click())).toBe(409);
    expect(await second.title()).toBe("Already rejected");
  });

  it.each([
    ["a phone in the dark", { viewport: { width: 320, height: 640 }, colorScheme: "dark" as const }],
    ["a desk in the light", { viewport: { width: 1280, height: 800 }, colorScheme: "light" as const }],
  ])("can be read and used by all on %s", async (_, options) => {
    const { path } = await asked();
    // Only for the checker, which is a script; the page itself is tested with its policy.
    const page = await open(path, { ...options, bypassCSP: true });
    expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
    await page.evaluate(axe.source);
    const problems = await page.evaluate<readonly string[]>(
      "axe.run().then((found) => found.violations.map(({ id, help }) => `${id}: ${help}`))",
    );
    expect(problems).toEqual([]);
  });

  it("runs no script, sends no cookie, and loads nothing but itself", async () => {
    const { path } = await asked();
    if (browser === undefined) throw new Error("there is no browser");
    const page = await (await browser.newContext()).newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    page.on("console", (message) => complaints.push(message.text()));
    const response = await page.goto(origin + path);
    expect([await page.context().cookies(), requests.filter((one) => one !== "/favicon.ico"), complaints]).toEqual([[], [path], []]);
    expect(await response?.allHeaders()).toMatchObject({ "content-security-policy": expect.stringContaining("sandbox allow-forms;") });
    const colour = await page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor");
    expect(colour).toBe("rgb(255, 255, 255)"); // the style of the page is let in by its own policy
  });
});
