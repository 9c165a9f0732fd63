/** One line of JSON for what went wrong, with its stack: the log is for the operator only. */
export function logError(event: string, thrown: unknown, fields: Readonly<Record<string, unknown>> = {}): void {
  const error =
    thrown instanceof Error
      ? `${thrown.stack ?? thrown.message}${thrown.cause === undefined ? "" : ` caused by ${String(thrown.cause)}`}`
      : String(thrown);
  console.log(JSON.stringify({ event, ...fields, error }));
}
