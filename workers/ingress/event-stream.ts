/** The log of a run as Server-Sent Events, up to its end or for 25 s; the client resumes with `Last-Event-ID`. */
import { MAX_HTTP_WAIT_SECONDS, SECOND_MS } from "../../shared/model/limits.ts";
import type { RunApi } from "../../shared/run-api.ts";
import type { EventRow } from "../../shared/run-view.ts";
import { isoTime } from "../../shared/run-json.ts";

const RETRY_MS = 1000;
/** The object waits so long for the next row; then a comment keeps the connection open. */
const POLL_MS = 5 * SECOND_MS;
const MAX_ROWS = 500;

type Page = NonNullable<Awaited<ReturnType<RunApi["events"]>>>;

export function eventStream(deps: { now(): number }, run: RunApi, afterSeq: number, first: Page): Response {
  const deadline = deps.now() + MAX_HTTP_WAIT_SECONDS * SECOND_MS;
  const encoder = new TextEncoder();
  let seq = afterSeq;
  let page: Page | null = first;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`));
    },
    async pull(controller) {
      page ??= await run.events(seq, Math.min(POLL_MS, Math.max(0, deadline - deps.now())));
      const { rows, ended }: Page = page ?? { rows: [], ended: true };
      seq = rows.at(-1)?.seq ?? seq;
      page = null;
      controller.enqueue(encoder.encode(rows.length === 0 ? ":\n\n" : rows.map(eventText).join("")));
      const isAllTold = ended && rows.length < MAX_ROWS;
      if (isAllTold || deps.now() >= deadline) controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
}

function eventText({ seq, at, type, step, detail }: EventRow): string {
  const data = { seq, at: isoTime(at), type, ...(step === null ? {} : { step }), ...detail };
  return `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
