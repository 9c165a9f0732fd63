/** The letters from U+00C0 to U+017F without their marks; a space stands for none. */
const PLAIN =
  "AAAAAAACEEEEIIIIDNOOOOO OUUUUYTsaaaaaaaceeeeiiiidnooooo ouuuuyty" +
  "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

/** Two letters for one, as dictionaries write them; empty for others. */
function pairFor(unit: i32): string {
  if (unit == 0xdf) return "ss";
  if (unit == 0xc6 || unit == 0xe6) return "ae";
  if (unit == 0x152 || unit == 0x153) return "oe";
  if (unit == 0xde || unit == 0xfe) return "th";
  return unit == 0x132 || unit == 0x133 ? "ij" : "";
}

export function isLatinLetterWithMark(unit: i32): bool {
  return unit >= 0xc0 && unit <= 0x17f;
}

/** A letter from U+00C0 to U+017F in small letters without marks. */
export function plainLetter(unit: i32): string {
  const pair = pairFor(unit);
  if (pair.length > 0) return pair;
  return PLAIN.charAt(unit - 0xc0)
    .trim()
    .toLowerCase();
}

/** Marks that stand behind their letter, as in decomposed Unicode. */
export function isCombiningMark(unit: i32): bool {
  return unit >= 0x300 && unit <= 0x36f;
}

/** A text in small letters, Latin ones without their marks: equal for what a reader would look up under one word. */
export function folded(text: string): string {
  const lower = text.toLowerCase();
  let from = 0;
  let plain = "";
  for (let i = 0; i < lower.length; i++) {
    const unit = lower.charCodeAt(i);
    if (!isLatinLetterWithMark(unit) && !isCombiningMark(unit)) continue;
    plain += lower.substring(from, i);
    if (isLatinLetterWithMark(unit)) plain += plainLetter(unit);
    from = i + 1;
  }
  return from == 0 ? lower : plain + lower.substring(from);
}
