import { ArcrunError } from "../model/errors.ts";

/** A function type as text: parameters, an arrow, results. */
export type Signature = string;

/** What a module may import, and whether it has to be a WASI command. Who meters decides it; the default is the rules for parts. */
export type ModuleRules = {
  readonly imports: Readonly<Record<string, ReadonlyMap<string, Signature>>>;
  /** It must export `_start`, which takes and gives nothing. */
  readonly isCommand: boolean;
  /** Whether the host may lower the limit of its memory for each instance. */
  readonly hasMemoryLimit: boolean;
};

/**
 * Every function that a part may import, with its type. A wrong type would reach the host with values it does not expect. Of WASI it is
 * all of preview 1 that compilers link into a program whether it opens files or not; what is about files answers that there are none.
 */
const PART_IMPORTS: ModuleRules["imports"] = {
  wasi_snapshot_preview1: new Map([
    ["args_get", "i32 i32 -> i32"],
    ["args_sizes_get", "i32 i32 -> i32"],
    ["clock_res_get", "i32 i32 -> i32"],
    ["clock_time_get", "i32 i64 i32 -> i32"],
    ["environ_get", "i32 i32 -> i32"],
    ["environ_sizes_get", "i32 i32 -> i32"],
    ["fd_advise", "i32 i64 i64 i32 -> i32"],
    ["fd_allocate", "i32 i64 i64 -> i32"],
    ["fd_close", "i32 -> i32"],
    ["fd_datasync", "i32 -> i32"],
    ["fd_fdstat_get", "i32 i32 -> i32"],
    ["fd_fdstat_set_flags", "i32 i32 -> i32"],
    ["fd_fdstat_set_rights", "i32 i64 i64 -> i32"],
    ["fd_filestat_get", "i32 i32 -> i32"],
    ["fd_filestat_set_size", "i32 i64 -> i32"],
    ["fd_filestat_set_times", "i32 i64 i64 i32 -> i32"],
    ["fd_pread", "i32 i32 i32 i64 i32 -> i32"],
    ["fd_prestat_dir_name", "i32 i32 i32 -> i32"],
    ["fd_prestat_get", "i32 i32 -> i32"],
    ["fd_pwrite", "i32 i32 i32 i64 i32 -> i32"],
    ["fd_read", "i32 i32 i32 i32 -> i32"],
    ["fd_readdir", "i32 i32 i32 i64 i32 -> i32"],
    ["fd_renumber", "i32 i32 -> i32"],
    ["fd_seek", "i32 i64 i32 i32 -> i32"],
    ["fd_sync", "i32 -> i32"],
    ["fd_tell", "i32 i32 -> i32"],
    ["fd_write", "i32 i32 i32 i32 -> i32"],
    ["path_create_directory", "i32 i32 i32 -> i32"],
    ["path_filestat_get", "i32 i32 i32 i32 i32 -> i32"],
    ["path_filestat_set_times", "i32 i32 i32 i32 i64 i64 i32 -> i32"],
    ["path_link", "i32 i32 i32 i32 i32 i32 i32 -> i32"],
    ["path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32 -> i32"],
    ["path_readlink", "i32 i32 i32 i32 i32 i32 -> i32"],
    ["path_remove_directory", "i32 i32 i32 -> i32"],
    ["path_rename", "i32 i32 i32 i32 i32 i32 -> i32"],
    ["path_symlink", "i32 i32 i32 i32 i32 -> i32"],
    ["path_unlink_file", "i32 i32 i32 -> i32"],
    ["poll_oneoff", "i32 i32 i32 i32 -> i32"],
    ["proc_exit", "i32 ->"],
    ["random_get", "i32 i32 -> i32"],
    ["sched_yield", "-> i32"],
    ["sock_accept", "i32 i32 i32 -> i32"],
    ["sock_recv", "i32 i32 i32 i32 i32 i32 -> i32"],
    ["sock_send", "i32 i32 i32 i32 i32 -> i32"],
    ["sock_shutdown", "i32 i32 -> i32"],
  ]),
  arcrun: new Map([
    ["call", "i32 i32 -> i32"],
    ["result_len", "i32 -> i32"],
    ["result_read", "i32 i32 i32 -> i32"],
  ]),
};

type ImportName = { readonly module: string; readonly field: string };

export const PART_RULES: ModuleRules = { imports: PART_IMPORTS, isCommand: true, hasMemoryLimit: false };

/** @throws ArcrunError `wasm.import_denied`, with the import named */
export function checkImport({ imports }: ModuleRules, { module, field }: ImportName, signature: Signature): void {
  const full = `${module}.${field}`;
  const expected = Object.hasOwn(imports, module) ? imports[module]?.get(field) : undefined;
  if (expected === undefined)
    throw new ArcrunError("wasm.import_denied", `the module imports "${full}", which a part may not`, { details: { import: full } });
  if (expected !== signature)
    throw new ArcrunError("wasm.import_denied", `the module imports "${full}" as (${signature}); it is (${expected})`, {
      details: { import: full },
    });
}
