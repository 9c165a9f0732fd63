/** What `timing.mjs` measures: the checks themselves, over a store in memory. */
export { createFailureBudget } from "../../shared/failure-budget.ts";
export { authenticate } from "../../shared/http/key-auth.ts";
export { createIds, sha256Hex } from "../../shared/ids.ts";
