/** Reads how a workflow is started: `trigger`, `schedule`, and the schema of its `input`. */
import { at, checkKeys, field, isMap, type Issues, meant, shown } from "./issues.ts";
import type { Issue } from "../errors.ts";
import { SIGNATURE_SCHEMES, type TriggerAuth } from "../plan.ts";
import { cronProblem, scheduleIdentity } from "../schedule.ts";
import type { Schedule } from "./workflow.ts";

const AUTH_FORMS = "key, public or { signature, secret }";
const SECRET_NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const DEFAULT_AUTH: TriggerAuth = { kind: "key" };

export function parseTrigger(trigger: unknown, issues: Issues): TriggerAuth {
  if (trigger === undefined) return DEFAULT_AUTH;
  if (!isMap(trigger)) {
    issues.error("/trigger", "trigger.invalid", `found ${shown(trigger)}; expected a map with auth`);
    return DEFAULT_AUTH;
  }
  checkKeys(trigger, ["auth"], "/trigger", issues, "trigger.unknown_key");
  const auth = field(trigger, "auth");
  if (auth === undefined || auth === "key") return DEFAULT_AUTH;
  if (auth === "public") return { kind: "public" };
  if (isMap(auth)) return parseSignature(auth, issues);
  const near = typeof auth === "string" ? meant(auth, ["key", "public"]) : "";
  issues.error("/trigger/auth", "trigger.unknown_auth", `found ${shown(auth)}; expected ${AUTH_FORMS}.${near}`);
  return DEFAULT_AUTH;
}

function parseSignature(auth: Readonly<Record<string, unknown>>, issues: Issues): TriggerAuth {
  checkKeys(auth, ["signature", "secret"], "/trigger/auth", issues, "trigger.unknown_key");
  const [signature, secret] = [field(auth, "signature"), field(auth, "secret")];
  const scheme = SIGNATURE_SCHEMES.find((known) => known === signature);
  if (scheme === undefined) {
    const near = typeof signature === "string" ? meant(signature, SIGNATURE_SCHEMES) : "";
    const expected = `expected one of ${SIGNATURE_SCHEMES.join(", ")}.${near}`;
    issues.error("/trigger/auth/signature", "trigger.unknown_signature", `found ${shown(signature)}; ${expected}`);
  }
  if (typeof secret === "string" && SECRET_NAME.test(secret))
    return scheme === undefined ? DEFAULT_AUTH : { kind: "signature", scheme, secret };
  // Not what was found: it may be the secret itself.
  issues.error("/trigger/auth/secret", "trigger.invalid_secret", "expected the name of a stored secret");
  return DEFAULT_AUTH;
}

/** A workflow may be pushed before its secret is stored: until then its deliveries are refused. */
export const secretMissing = (name: string): Issue => ({
  pointer: "/trigger/auth/secret",
  code: "trigger.secret_missing",
  detail: `no secret "${name}" is stored, so every delivery is refused; store it with PUT /credentials/${name}`,
});

export const SCHEDULE_KEYS = ["cron", "timezone", "input", "overlap", "catch_up"] as const;
const UTC = "UTC";
const MAX_SCHEDULES = 100;

export function parseSchedules(value: unknown, issues: Issues): readonly Schedule[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_SCHEDULES) {
    issues.error(
      "/schedule",
      "schedule.invalid",
      `found ${shown(value)}; expected a list of at most ${MAX_SCHEDULES} {cron, timezone, input}`,
    );
    return [];
  }
  return value.flatMap((entry: unknown, i) => parseSchedule(entry, at("/schedule", i), issues));
}

/** With a JSON pointer into the value. */
export type SchemaProblem = { readonly pointer: string; readonly detail: string };

/** A schedule whose input the workflow does not take would fail each time that it is due. */
export function checkScheduleInputs(
  schedules: readonly Schedule[],
  problemsOf: (input: unknown) => readonly SchemaProblem[],
  pointerOf: (i: number) => string,
  issues: Issues,
): void {
  schedules.forEach(({ input }, i) => {
    for (const { pointer, detail } of problemsOf(input))
      issues.error(`${pointerOf(i)}${pointer}`, "schedule.invalid_input", `${detail}; the schema of the input is in /input`);
  });
}

/** The same schedule twice is one schedule. */
export function dropTwins(schedules: readonly Schedule[], issues: Issues): readonly Schedule[] {
  const known = new Map<string, Schedule>();
  for (const schedule of schedules) {
    const identity = scheduleIdentity(schedule);
    const detail = `"${schedule.cron}" (${schedule.timezone}) is there twice with the same input; it fires once`;
    if (known.has(identity)) issues.warn("/schedule", "schedule.twin", detail);
    else known.set(identity, schedule);
  }
  return [...known.values()];
}

function parseSchedule(entry: unknown, pointer: string, issues: Issues): readonly Schedule[] {
  if (!isMap(entry)) {
    issues.error(pointer, "schedule.invalid", `found ${shown(entry)}; expected a map with ${SCHEDULE_KEYS.join(", ")}`);
    return [];
  }
  checkKeys(entry, SCHEDULE_KEYS, pointer, issues, "schedule.unknown_key");
  const cron = parseCron(field(entry, "cron"), at(pointer, "cron"), issues);
  const zone = field(entry, "timezone") ?? UTC;
  if (!isTimeZone(zone)) {
    issues.error(at(pointer, "timezone"), "schedule.unknown_timezone", `found ${shown(zone)}; expected an IANA time zone like Asia/Taipei`);
  }
  const overlap = word(entry, "overlap", ["skip", "allow"], pointer, issues);
  const catchUp = word(entry, "catch_up", ["none", "last"], pointer, issues);
  if (cron === undefined || typeof zone !== "string") return [];
  return [{ cron, timezone: zone, input: field(entry, "input") ?? {}, overlap, catchUp }];
}

/** One of the words; the first is the default. */
function word<const W extends string>(
  entry: Readonly<Record<string, unknown>>,
  key: string,
  words: readonly [W, W],
  pointer: string,
  issues: Issues,
): W {
  const value = field(entry, key) ?? words[0];
  const found = words.find((one) => one === value);
  if (found === undefined) issues.error(at(pointer, key), "schedule.invalid", `found ${shown(value)}; expected one of ${words.join(", ")}`);
  return found ?? words[0];
}

/** A cron expression of five fields, or a nickname like `@daily`; `undefined` after saying what is wrong. */
export function parseCron(value: unknown, pointer: string, issues: Issues): string | undefined {
  const problem = typeof value === "string" ? cronProblem(value) : "it is no text";
  if (problem === undefined && typeof value === "string") return value;
  issues.error(pointer, "schedule.invalid_cron", `found ${shown(value)}; expected five fields like "*/5 * * * *" (${problem ?? ""})`);
  return undefined;
}

function isTimeZone(zone: unknown): boolean {
  if (typeof zone !== "string" || zone === "") return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
