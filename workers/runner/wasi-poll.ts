/** The layout of WASI preview 1. */
export const POLL_BYTES = { subscription: 48, event: 32 } as const;
const KIND_CLOCK = 0;
const FLAG_ABSOLUTE = 1;
const AT = { kind: 8, fd: 16, timeout: 24, flags: 40, errno: 8, eventKind: 10 } as const;

type Streams = { readonly isReady: (fd: number) => boolean; readonly badDescriptor: number };
type Subscription = { readonly userData: Uint8Array; readonly kind: number; readonly fd: number; readonly at: bigint };

/**
 * Waits for the first of some events, which takes no time: a stream is always ready, and when there are only clocks, the one that is due first
 * rings at once and the part's clock shows its time from then on. So a part that sleeps goes on, and its runs stay the same.
 */
export function pollOnce(
  subscriptions: Uint8Array,
  now: bigint,
  { isReady, badDescriptor }: Streams,
): { readonly events: Uint8Array; readonly now: bigint } {
  const wanted = Array.from({ length: subscriptions.length / POLL_BYTES.subscription }, (_, index) =>
    readSubscription(subscriptions, index * POLL_BYTES.subscription, now),
  );
  const streams = wanted.filter(({ kind }) => kind !== KIND_CLOCK);
  const first = wanted.reduce((due, { at }) => (at < due ? at : due), wanted[0]?.at ?? now);
  const ringing = streams.length > 0 ? streams : wanted.filter(({ at }) => at === first);
  const events = new Uint8Array(ringing.length * POLL_BYTES.event);
  ringing.forEach(({ userData, kind, fd }, index) => {
    const start = index * POLL_BYTES.event;
    events.set(userData, start);
    events[start + AT.errno] = kind === KIND_CLOCK || isReady(fd) ? 0 : badDescriptor;
    events[start + AT.eventKind] = kind;
  });
  return { events, now: streams.length === 0 && first > now ? first : now };
}

function readSubscription(bytes: Uint8Array, start: number, now: bigint): Subscription {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, POLL_BYTES.subscription);
  const timeout = view.getBigUint64(AT.timeout, true);
  const isAbsolute = (view.getUint16(AT.flags, true) & FLAG_ABSOLUTE) !== 0;
  return {
    userData: bytes.subarray(start, start + AT.kind),
    kind: view.getUint8(AT.kind),
    fd: view.getUint32(AT.fd, true),
    at: isAbsolute ? timeout : BigInt.asUintN(64, now + timeout),
  };
}
