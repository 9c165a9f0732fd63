/** The network as a test wants it: remembers what goes out, answers in turn, the last answer for ever. */
import type { Transport } from "../../workers/runner/deps.ts";

export type Sent = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

export function fakeTransport(...answers: readonly (() => Response)[]) {
  const sent: Sent[] = [];
  const transport: Transport = ({ url, method, headers, body }) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)];
    sent.push({
      url: url.href,
      method,
      headers: Object.fromEntries(headers),
      body: body === undefined ? undefined : new TextDecoder().decode(body),
    });
    return answer === undefined ? Promise.reject(new Error("the test has no answer")) : Promise.resolve(answer());
  };
  return { transport, sent };
}
