import { written } from "../../shared/metering/binary-writer.ts";
import type { Written } from "./wasi.ts";
import { MAX_STDERR_BYTES } from "./wasi.ts";

/** Control characters but tab and line feed, and those that turn the direction of text: they could forge or hide lines of a log. */
const UNSAFE = /(?![\t\n])[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** What a part wrote on stderr as text that is safe to log, at most 64 K characters; bytes that are not UTF-8 show as U+FFFD. */
export function stderrText({ stderr, stderrBytes }: Written): string {
  const isCut = stderrBytes > MAX_STDERR_BYTES;
  // As a stream, a character that was cut in two at the end is left out.
  const text = new TextDecoder().decode(written(stderr), { stream: isCut }).replaceAll(UNSAFE, escapeCharacter);
  return isCut || text.length > MAX_STDERR_BYTES ? `${text.slice(0, MAX_STDERR_BYTES)}… truncated` : text;
}
