import { isCombiningMark, isLatinLetterWithMark, plainLetter } from "./fold";
import { isMark } from "./words";

function isPlain(unit: i32): bool {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39);
}

/** A text for an address: small letters, marks taken off Latin ones, everything else between words one hyphen. */
export function slug(text: string): string {
  const lower = text.toLowerCase();
  const words: string[] = [];
  let word = "";
  for (let i = 0; i < lower.length; i++) {
    const unit = lower.charCodeAt(i);
    if (isCombiningMark(unit)) continue;
    if (isPlain(unit)) word += lower.charAt(i);
    else if (isLatinLetterWithMark(unit)) word += plainLetter(unit);
    else if (!isMark(unit) && unit != 0x5f) word += lower.charAt(i);
    else if (word.length > 0 && unit != 0x27 && unit != 0x2019) {
      words.push(word);
      word = "";
    }
  }
  if (word.length > 0) words.push(word);
  return words.join("-");
}
