/** Brings an answer to the engine, which may be restarting, or be gone for a day. */
import pRetry, { AbortError } from "p-retry";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
/** The waits before the second try, the third, …: at once, 1 s, 5 s, 30 s, then hourly for a day. */
export const WAITS_MS: readonly number[] = [SECOND, 5 * SECOND, 30 * SECOND, ...Array.from({ length: 24 }, () => HOUR)];
const ANSWERS_WITHIN_MS = 30 * SECOND;

export type DeliverDeps = {
  readonly fetch: typeof fetch;
  readonly pause: (ms: number) => Promise<void>;
  readonly log: (text: string) => void;
};

/** Resolves to whether it was taken. A refusal (4xx but 408 and 429) is final: the same again would be refused again. */
export async function deliver(callbackUrl: string, answer: { readonly task_id: string }, deps: DeliverDeps): Promise<boolean> {
  const body = JSON.stringify(answer);
  try {
    await pRetry(() => post(callbackUrl, body, deps.fetch), {
      retries: WAITS_MS.length,
      minTimeout: 0,
      factor: 1,
      onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
        if (error instanceof AbortError || retriesLeft === 0) return;
        await deps.pause(WAITS_MS[attemptNumber - 1] ?? HOUR);
      },
    });
    return true;
  } catch (error) {
    deps.log(`the answer of ${answer.task_id} was not taken, for good: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

async function post(url: string, body: string, send: typeof fetch): Promise<void> {
  const response = await send(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    redirect: "error",
    signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
  });
  await response.body?.cancel();
  if (response.ok) return;
  const { status } = response;
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  const problem = `the engine answered ${status}`;
  throw isFinal ? new AbortError(problem) : new Error(problem);
}
