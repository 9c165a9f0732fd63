/** Per pure step: rows of the log, messages, and calls of run objects (on one machine). */
export type Counts = { readonly rowsOfStep: number; readonly messagesOfStep: number; readonly callsOfStep: number };
export function readCounts(file: string): Counts;
export function scale(counts: Counts): string;
