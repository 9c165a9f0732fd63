export const SCRIPTS = "latin cyrillic arabic han kana hangul greek hebrew thai devanagari";
export const LATIN = 0;
export const CYRILLIC = 1;
export const ARABIC = 2;
export const HAN = 3;
export const KANA = 4;
export const HANGUL = 5;

/** Which of SCRIPTS a unit belongs to; -1 for none of them. */
export function scriptOf(unit: i32): i32 {
  if (unit < 0x250) return isLatin(unit) ? LATIN : -1;
  if (unit >= 0x1e00 && unit <= 0x1eff) return LATIN;
  if (unit >= 0x400 && unit <= 0x52f) return CYRILLIC;
  if (unit >= 0x600 && unit <= 0x77f) return ARABIC;
  if ((unit >= 0x3400 && unit <= 0x9fff) || (unit >= 0xf900 && unit <= 0xfaff)) return HAN;
  if (unit >= 0x3041 && unit <= 0x30ff && unit != 0x30fb) return KANA;
  if ((unit >= 0xac00 && unit <= 0xd7a3) || (unit >= 0x1100 && unit <= 0x11ff) || (unit >= 0x3130 && unit <= 0x318f)) return HANGUL;
  if (unit >= 0x370 && unit <= 0x3ff) return 6;
  if (unit >= 0x590 && unit <= 0x5ff) return 7;
  if (unit >= 0xe00 && unit <= 0xe7f) return 8;
  return unit >= 0x900 && unit <= 0x97f ? 9 : -1;
}

function isLatin(unit: i32): bool {
  if (unit < 0x80) return (unit | 32) >= 0x61 && (unit | 32) <= 0x7a;
  return unit >= 0xc0 && unit != 0xd7 && unit != 0xf7;
}
