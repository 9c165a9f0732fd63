/** What the compiler of workflows takes from the manifest of a part. */
import type { ComponentInfo } from "./model/definition/workflow.ts";
import type { PartManifest } from "./part-manifest.ts";

export const HTTP_CALL = "http_request";

/** The calls of the host that a manifest may grant, and of those the ones that pause the step. */
export const GRANTS: readonly string[] = [HTTP_CALL, "evaluate", "validate_schema", "sleep", "callback", "run"];
export const PAUSING_GRANTS: readonly string[] = ["sleep", "callback", "run"];

export function partInfo(part: PartManifest): ComponentInfo {
  const callsOut = part.calls.includes(HTTP_CALL);
  return {
    kind: "part",
    component: part.name,
    receives: part.receives,
    effects: part.effects,
    lane: callsOut ? "io" : "steps",
    mayPause: part.mayPause,
    timeoutMs: part.timeoutMs,
    credentialFields: callsOut,
    input: part.input,
    operations: part.operations,
  };
}

/**
 * What a plan has made of the manifest, as one word. A version of the part with another contract is none that this plan may run: it would
 * be tried again against its will, or run without the protection of its effects.
 */
export const contractOf = ({
  receives,
  effects,
  lane,
  mayPause,
}: Pick<ComponentInfo, "receives" | "effects" | "lane" | "mayPause">): string =>
  [receives, effects, lane, mayPause ? "may_pause" : "answers"].join(" ");
