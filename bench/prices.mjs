/**
 * What Cloudflare asks for on the paid plan, in dollars, and what it allows. As its documentation had it on PRICED_AT; nothing was run against a
 * real account. `included` is a month's; `per` is what `price` buys.
 */
export const PRICED_AT = "2026-11-22";
const MILLION = 1e6;

export const PRICES = {
  queueOperations: { price: 0.4, per: MILLION, included: 1 * MILLION, source: "developers.cloudflare.com/queues/platform/pricing" },
  workerRequests: { price: 0.3, per: MILLION, included: 10 * MILLION, source: "developers.cloudflare.com/workers/platform/pricing" },
  workerCpuMs: { price: 0.02, per: MILLION, included: 30 * MILLION, source: "developers.cloudflare.com/workers/platform/pricing" },
  objectRequests: {
    price: 0.15,
    per: MILLION,
    included: 1 * MILLION,
    source: "developers.cloudflare.com/durable-objects/platform/pricing",
  },
  objectGbSeconds: { price: 12.5, per: MILLION, included: 400_000, source: "developers.cloudflare.com/durable-objects/platform/pricing" },
  objectRowsRead: { price: 0.001, per: MILLION, included: 25e9, source: "developers.cloudflare.com/durable-objects/platform/pricing" },
  objectRowsWritten: {
    price: 1,
    per: MILLION,
    included: 50 * MILLION,
    source: "developers.cloudflare.com/durable-objects/platform/pricing",
  },
  objectGbMonths: { price: 0.2, per: 1, included: 5, source: "developers.cloudflare.com/durable-objects/platform/pricing" },
  d1RowsRead: { price: 0.001, per: MILLION, included: 25e9, source: "developers.cloudflare.com/d1/platform/pricing" },
  d1RowsWritten: { price: 1, per: MILLION, included: 50 * MILLION, source: "developers.cloudflare.com/d1/platform/pricing" },
  d1GbMonths: { price: 0.75, per: 1, included: 5, source: "developers.cloudflare.com/d1/platform/pricing" },
  r2ClassA: { price: 4.5, per: MILLION, included: 1 * MILLION, source: "developers.cloudflare.com/r2/pricing" },
  r2ClassB: { price: 0.36, per: MILLION, included: 10 * MILLION, source: "developers.cloudflare.com/r2/pricing" },
  r2GbMonths: { price: 0.015, per: 1, included: 10, source: "developers.cloudflare.com/r2/pricing" },
};

/** A step of Cloudflare Workflows, since August 2026; requests, CPU and storage come on top. An older copy of its page of prices knows no price for a step. */
export const WORKFLOWS_STEP = { price: 8, per: MILLION, source: "the changelog of Cloudflare Workflows, 2026" };
export const BASE_FEE = 5;

export const LIMITS = {
  queueMessagesPerSecond: 5000,
  consumerInvocations: 250,
  d1Bytes: 10e9,
  /** One at a time, each of about a millisecond. */
  d1QueriesPerSecond: 1000,
  objectRequestsPerSecond: 1000,
};

/** What an operation on a queue moves; a hint is far smaller, so a message is three: written, read, deleted. */
export const OPERATIONS_PER_MESSAGE = 3;
export const OBJECT_GB = 0.128;
