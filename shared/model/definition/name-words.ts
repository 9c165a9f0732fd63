/** What the names mean that templates see without a node having them, and the keys of a schedule and a trigger. */
import type { TriggerAuth } from "../plan.ts";
import type { SCHEDULE_KEYS } from "./parse-trigger.ts";
import { SIGNATURE_SCHEMES } from "../plan.ts";
import type { RESERVED_NAMES } from "./workflow.ts";

export const RESERVED_WORDS: { readonly [N in (typeof RESERVED_NAMES)[number]]: string } = {
  input: "The body of the trigger",
  run: "`id`, `workflow`, `version`, `started_at`, `attempt`; `callback_url` in what may pause",
  loop: "`index` (from 0) and `count` of the innermost loop",
  now: "When the node became ready, UTC in ISO 8601",
  today: "The day of it",
  credential: "`credential.NAME`: a secret, put in when the request leaves",
};

export const AUTH_WORDS: { readonly [K in TriggerAuth["kind"]]: { readonly written: string; readonly meaning: string } } = {
  key: { written: "`key` (default)", meaning: "`POST /webhooks/named/NAME/trigger` with an API key" },
  public: { written: "`public`", meaning: "`POST /webhooks/named/TENANT/NAME/trigger`, for everybody" },
  signature: {
    written: "`{ signature, secret: NAME }`",
    meaning: `The same address, for who signs with the stored secret: ${SIGNATURE_SCHEMES.map((scheme) => `\`${scheme}\``).join(", ")}`,
  },
};

export const SCHEDULE_WORDS: { readonly [K in (typeof SCHEDULE_KEYS)[number]]: { readonly meaning: string; readonly default: string } } = {
  cron: { meaning: "Five fields, or a nickname like `@daily`", default: "required" },
  timezone: { meaning: "An IANA time zone", default: "`UTC`" },
  input: { meaning: "What the run is given", default: "`{}`" },
  overlap: { meaning: "`skip` or `allow` a run while the one before goes on", default: "`skip`" },
  catch_up: { meaning: "After a pause of the engine: `none`, or the `last` one that was missed", default: "`none`" },
};
