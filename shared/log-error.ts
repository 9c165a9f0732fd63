/** One line of JSON for what went wrong, with its stack: the log is for the operator only. */
export function logError(event: string, thrown: unknown, fields: Readonly<Record<string, unknown>> = {}): void {
  console.error(JSON.stringify({ event, ...fields, error: textOf(thrown) }));
}

const MAX_CAUSES = 5;

function textOf(thrown: unknown, left: number = MAX_CAUSES): string {
  if (!(thrown instanceof Error)) return JSON.stringify(thrown) ?? "undefined";
  const text = thrown.stack ?? thrown.message;
  return thrown.cause === undefined || left === 0 ? text : `${text}\ncaused by ${textOf(thrown.cause, left - 1)}`;
}
