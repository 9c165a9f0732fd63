/** How many bytes `pointAt` took. */
let taken: usize = 0;
const BROKEN: i32 = -1;
const REPLACEMENT: i32 = 0xfffd;

/** The character at `p`, or BROKEN with as many bytes taken as browsers replace by one U+FFFD. */
function pointAt(p: usize, end: usize): i32 {
  const lead: i32 = load<u8>(p);
  taken = 1;
  if (lead < 0x80) return lead;
  const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  if (lead < 0xc2 || lead > 0xf4) return BROKEN;
  // the first byte decides what the second may be: no long forms, no surrogates, nothing above U+10FFFF
  let least: i32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  let most: i32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  let point: i32 = lead & (0x3f >> more);
  for (let n = 0; n < more; n++) {
    const byte: i32 = p + taken < end ? load<u8>(p + taken) : 0;
    if (byte < least || byte > most) return BROKEN;
    point = (point << 6) | (byte & 0x3f);
    least = 0x80;
    most = 0xbf;
    taken++;
  }
  return point;
}

/** The text of some bytes; what is no UTF-8 becomes U+FFFD, or, when `strict`, makes it null. */
export function decodeUtf8(start: usize, length: usize, strict: bool): string | null {
  const end = start + length;
  let units: usize = 0;
  for (let p = start; p < end; p += taken) {
    const point = pointAt(p, end);
    if (point == BROKEN && strict) return null;
    units += point > 0xffff ? 2 : 1;
  }
  if (units == 0) return "";
  const text = __new(units << 1, idof<string>());
  let to = text;
  for (let p = start; p < end; p += taken) {
    const found = pointAt(p, end);
    const point = found == BROKEN ? REPLACEMENT : found;
    if (point > 0xffff) {
      store<u16>(to, <u16>(0xd7c0 + (point >> 10)));
      store<u16>(to, <u16>(0xdc00 | (point & 0x3ff)), 2);
      to += 4;
    } else {
      store<u16>(to, <u16>point);
      to += 2;
    }
  }
  return changetype<string>(text);
}
