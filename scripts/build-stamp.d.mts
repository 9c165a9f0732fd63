/** The types of `build-stamp.mjs`. */
export type BuiltWorker = {
  readonly name: string;
  readonly modulesRoot: string;
  readonly modules: readonly { readonly type: string; readonly path: string }[];
};
export type Stamp = { readonly root: string; readonly file: string };
export const STAMP: Stamp;
export function lookAtSources(root: string): readonly string[];
export function writeStamp(
  built: Stamp & { readonly sources: readonly string[]; readonly workers: readonly BuiltWorker[]; readonly inputs: readonly string[] },
): void;
export function readFresh(stamp: Stamp): readonly BuiltWorker[] | undefined;
