/** Texts are JSON, but those of `log`. `answer` does not come back, `call` only if the answer to this call is known. */
export type Host = {
  readonly call: (request: string) => string;
  readonly answer: (answer: string) => void;
  readonly log: (line: string) => void;
  readonly limit: (fuel: number, memoryMib: number) => void;
  /** Comes back only when memory was never refused. */
  readonly ranOut: () => void;
};
