/** Cursors of lists that are sorted newest first: the moment and the id of the last row shown. Opaque to clients. */
import { ArcrunError } from "../model/errors.ts";

export type PageCursor = { readonly at: number; readonly id: string };

export const writeCursor = ({ at, id }: PageCursor): string => Buffer.from(JSON.stringify([at, id])).toString("base64url");

/** Throws `validation_failed` if it is not one of ours. */
export function readCursor(cursor: string): PageCursor {
  const fields = parsedOrNull(Buffer.from(cursor.slice(0, 512), "base64url").toString("utf8"));
  const [at, id] = Array.isArray(fields) ? fields : [];
  if (typeof at !== "number" || typeof id !== "string") {
    throw new ArcrunError("validation_failed", "the cursor is none that this list gave", {
      issues: [{ pointer: "/cursor", code: "cursor.invalid", detail: "not a cursor of this list" }],
    });
  }
  return { at, id };
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
