/** One place in the source text of `shared/`, and what the bug makes of it. */
export type Mutation = { readonly bug: string; readonly file: string; readonly find: string; readonly replace: string };
