import { describe, expect, it } from "vitest";
import { isPublicAddress, literalAddress } from "../../scripts/supervisor/egress-address.mjs";
import { checkedAddresses } from "../../scripts/supervisor/egress.mjs";

/** Spellings of addresses that no part may reach, as a URL may hold them. None is ever contacted. */
const REFUSED = [
  ["loopback", "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001"],
  ["loopback in odd letters", "①②⑦.⓪.⓪.①", "127。0。0。1", "%31%32%37.0.0.1", "0X7F.0X0.0.1", "127.0.0.1."],
  [
    "loopback in IPv6",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
  ],
  ["nothing", "0.0.0.0", "0", "0x0", "0.0.0.1", "[::]", "[::ffff:0:0]"],
  ["private", "10.0.0.1", "10.255.255.255", "0xa.1", "012.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "3232235521"],
  [
    "private in IPv6",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[fdff:ffff::]",
    "[fec0::1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:c0a8:1]",
    "[::ffff:0:10.0.0.1]",
  ],
  ["link-local and metadata", "169.254.1.1", "0xa9fe0101", "[fe80::1]", "[febf::1]", "[fd00:ec2::254]", "168.63.129.16", "192.0.0.192"],
  ["carriers", "100.64.0.1", "100.127.255.255", "100.100.100.200"],
  [
    "translators and tunnels",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::1]",
    "[2002:a00:1::]",
    "[2001::1]",
    "[2001:0:7f00:1::]",
  ],
  ["multicast and broadcast", "224.0.0.1", "239.255.255.255", "255.255.255.255", "4294967295", "240.0.0.1", "[ff02::1]", "[ff05::2]"],
  ["documentation and tests", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "[2001:db8::1]", "[3fff::1]"],
  ["reserved IPv6", "[100::1]", "[5f00::1]", "[4000::1]", "[1fff::1]", "[2001:20::1]", "192.88.99.1"],
];
/** First and last of each network that is closed, and addresses in every way of writing IPv4 within IPv6. */
const EDGES = [
  [
    "0.255.255.255",
    "10.128.0.0",
    "100.64.0.0",
    "100.96.1.1",
    "127.0.0.0",
    "127.0.0.2",
    "127.255.255.255",
    "169.254.0.0",
    "169.254.255.255",
  ],
  ["169.254.170.2", "172.16.0.0", "172.20.10.2", "192.0.0.0", "192.0.0.1", "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.168.255.255"],
  [
    "198.18.0.0",
    "198.51.100.0",
    "198.51.100.255",
    "203.0.113.0",
    "203.0.113.255",
    "224.0.0.0",
    "239.1.2.3",
    "240.0.0.0",
    "254.255.255.255",
  ],
  ["0xa9fea9fe", "0251.0376.1.1", "025177524776", "0xac.16.0.1", "0xc0.0xa8.0.1", "0300.0250.0.1", "192.168.257", "10.65536", "0x0a000001"],
  [
    "0x7f.0.1",
    "0x7f.0x1",
    "0177.1",
    "127.0x1",
    "127.0.0x0.1",
    "0x7f.0.0.01",
    "00000177.0.0.1",
    "0x000000007f000001",
    "127.65535",
    "017700000002",
  ],
  ["１２７.0.0.1", "127．0．0．1", "127｡0｡0｡1", "%30%78%37f.1", "１０.0.0.1", "⑩.0.0.1", "①⑥⑨.②⑤④.①.①", "0X0A.1", "10.0.0.1."],
  [
    "[::ffff:169.254.1.1]",
    "[::ffff:a9fe:101]",
    "[::ffff:0.0.0.0]",
    "[::ffff:192.168.0.1]",
    "[::ffff:100.64.0.1]",
    "[0:0:0:0:0:ffff:7f00:1]",
  ],
  [
    "[::10.0.0.1]",
    "[::a00:1]",
    "[::2]",
    "[::ffff:0:7f00:1]",
    "[64:ff9b::a9fe:101]",
    "[64:ff9b::c0a8:1]",
    "[64:ff9b::]",
    "[64:ff9b:1:ffff::1]",
  ],
  [
    "[2002:a9fe:101::]",
    "[2002:c0a8:1::1]",
    "[2002:6440:1::]",
    "[2001::]",
    "[2001:0:a00:1::]",
    "[2001:db8:ffff::]",
    "[fe80::]",
    "[FE80::1]",
  ],
  [
    "[fe90::1]",
    "[fec0::]",
    "[feff::1]",
    "[fc00::]",
    "[fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]",
    "[ff00::1]",
    "[ff0e::1]",
    "[ffff::]",
    "[100::]",
  ],
].flat();
const PUBLIC = [
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "169.253.1.1",
].concat(
  ["172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "0x08080808"],
  ["[2606:4700:4700::1111]", "[2001:200::1]", "[2a00:1450::1]", "[2003::1]"],
);

function literalOf(host: string): string {
  const literal = literalAddress(new URL(`http://${host}/`).hostname);
  expect(literal, `${host} is an address`).toBeDefined();
  return String(literal);
}

describe("an address that a URL spells out", () => {
  for (const [group, ...hosts] of REFUSED) {
    it.each(hosts)(`${group}: %s may not be reached`, (host) => {
      expect(isPublicAddress(literalOf(host))).toBe(false);
    });
  }

  it.each(EDGES)("%s may not be reached", (host) => {
    expect(isPublicAddress(literalOf(host))).toBe(false);
  });

  it("is refused in more than 150 spellings", () => {
    const spellings = [...REFUSED.flatMap(([, ...hosts]) => hosts), ...EDGES];
    expect(new Set(spellings).size).toBe(spellings.length);
    expect(spellings.length).toBeGreaterThanOrEqual(150);
  });

  it.each(PUBLIC)("%s is public", (host) => {
    expect(isPublicAddress(literalOf(host))).toBe(true);
  });

  it.each([
    "",
    "localhost",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "fe80::1%eth0",
    "2606:4700",
    "2606::1::2",
    "2606:4700::g",
    "::1.2.3",
  ])("%j cannot be read and so is not public", (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });
});

describe("the addresses of a name", () => {
  const resolvesTo =
    (...addresses: string[]) =>
    async () =>
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  const url = new URL("http://name.example/");

  it("are those it resolves to, all of them checked", async () => {
    const found = await checkedAddresses(url, new Set(), resolvesTo("1.1.1.1", "2606:4700::1"));
    expect(found.map(({ address }) => address)).toEqual(["1.1.1.1", "2606:4700::1"]);
  });

  it("are refused when one of them is private", async () => {
    await expect(checkedAddresses(url, new Set(), resolvesTo("1.1.1.1", "127.0.0.1"))).rejects.toMatchObject({ kind: "denied" });
  });

  it("are resolved once", async () => {
    let calls = 0;
    await checkedAddresses(url, new Set(), async () => {
      calls += 1;
      return [{ address: "1.1.1.1", family: 4 }];
    });
    expect(calls).toBe(1);
  });

  it("may be private when host and port are allowed as written, and only then", async () => {
    const allowed = new Set(["127.0.0.1:9000"]);
    expect(await checkedAddresses(new URL("http://0x7f.1:9000/"), allowed)).toEqual([{ address: "127.0.0.1", family: 4 }]);
    await expect(checkedAddresses(new URL("http://127.0.0.1:9001/"), allowed)).rejects.toMatchObject({ kind: "denied" });
    await expect(checkedAddresses(new URL("http://localhost:9000/"), allowed)).rejects.toMatchObject({ kind: "denied" });
  });

  it("are refused on a port that is not the web's, unless it is allowed", async () => {
    const there = resolvesTo("1.1.1.1");
    await expect(checkedAddresses(new URL("http://name.example:6379/"), new Set(), there)).rejects.toMatchObject({ kind: "denied" });
    expect(await checkedAddresses(new URL("http://name.example:6379/"), new Set(["name.example:6379"]), there)).toHaveLength(1);
    expect(await checkedAddresses(new URL("http://name.example:443/"), new Set(), there)).toHaveLength(1);
  });

  it("fail as a failure, not as a refusal, when there are none", async () => {
    await expect(checkedAddresses(url, new Set(), resolvesTo())).rejects.toMatchObject({ kind: "failed" });
  });
});
