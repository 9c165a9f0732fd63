/** What a command ends with when it does not succeed. */
export const EXIT = { failed: 1, usage: 2, notReachable: 3 };

/** `kind` is a key of `EXIT`; `details` is added to the answer of `--json`. The message is a sentence for people. */
export class CliError extends Error {
  constructor(kind, code, message, details = {}) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.details = details;
  }
}
