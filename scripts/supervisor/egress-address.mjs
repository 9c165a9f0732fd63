/**
 * Which addresses parts may reach: those of the public internet, judged by number, never by spelling.
 * Ranges: IANA special-purpose address registries (RFC 6890 and its updates). What cannot be read as an address is not public.
 */
const V4_REFUSED = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared by carriers; some clouds keep metadata here
  "127.0.0.0/8", // loopback
  "168.63.129.16/32", // a cloud's host agent on a public number
  "169.254.0.0/16", // link-local, metadata
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments, metadata
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
].map((text) => range(text, 32, parseV4));

/** Only this holds public unicast: loopback, mapped and compatible IPv4, NAT64, unique local, link-local, multicast lie outside. */
const V6_PUBLIC = range("2000::/3", 128, parseV6);
const V6_REFUSED = [
  "2001::/23", // protocol assignments: Teredo, ORCHID, benchmarks
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4: any IPv4 address inside
  "3fff::/20", // documentation
].map((text) => range(text, 128, parseV6));

/** `address` as `dns.lookup` or `URL.hostname` (without brackets) gives it. */
export function isPublicAddress(address) {
  const v4 = parseV4(address);
  if (v4 !== undefined) return !V4_REFUSED.some((refused) => contains(refused, v4));
  const v6 = parseV6(address);
  return v6 !== undefined && contains(V6_PUBLIC, v6) && !V6_REFUSED.some((refused) => contains(refused, v6));
}

/** The address that a URL's hostname spells out, undefined when it is a name. WHATWG has already read 0x7f.1, 2130706433 and their like. */
export function literalAddress(hostname) {
  if (hostname.startsWith("[")) return hostname.slice(1, -1);
  return parseV4(hostname) === undefined ? undefined : hostname;
}

function parseV4(text) {
  const bytes = text.split(".");
  if (bytes.length !== 4 || !bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256)) return undefined;
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function parseV6(text) {
  const dotted = /^(.*:)([^:]*\..*)$/.exec(text);
  const tail = dotted && parseV4(dotted[2]);
  if (dotted && tail === undefined) return undefined;
  const plain = dotted ? `${dotted[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}` : text;
  const halves = plain.split("::");
  if (halves.length > 2) return undefined;
  const [head, rest] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - (rest?.length ?? 0);
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array(missing).fill("0"), ...(rest ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function range(text, width, parse) {
  const [address, length] = text.split("/");
  const shift = BigInt(width - Number(length));
  return { shift, prefix: parse(address) >> shift };
}

function contains({ shift, prefix }, value) {
  return value >> shift === prefix;
}
