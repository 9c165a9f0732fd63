/** What the template of a key gives: a text; what is no text is written as JSON. */
import { ArcrunError } from "../model/errors.ts";
import { MAX_KEY_CHARS } from "../model/limits.ts";

export function keyText(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "null");
  if (text.length <= MAX_KEY_CHARS) return text;
  throw new ArcrunError(
    "template.too_large",
    `the key of a concurrency or singleton may have ${MAX_KEY_CHARS} characters, found ${text.length}`,
  );
}
