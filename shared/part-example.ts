/** A case of a part, which is a test of it, too. `exchanges` are its calls to the host with their results. */
export type PartExample = {
  readonly name: string;
  readonly given: unknown;
  readonly exchanges?: readonly { readonly request?: unknown; readonly result: unknown }[];
  /** The whole answer of the part. */
  readonly expect: Readonly<Record<string, unknown>>;
};
