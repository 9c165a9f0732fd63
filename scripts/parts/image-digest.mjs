import { createHash } from "node:crypto";

/** The digest of a part in JavaScript: what runs it, what it may use, and its image. All three decide what it does. */
export const imageDigest = (engine, memoryMib, image) => createHash("sha256").update(`${engine} ${memoryMib} ${image}`).digest("hex");
