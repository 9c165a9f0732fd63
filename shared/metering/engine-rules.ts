import type { ModuleRules } from "./allowed-imports.ts";

/**
 * What the JavaScript engine (quickjs-wasi) imports: a library that the host calls, no command. The build alone meters by these rules;
 * `js-part-host.ts` gives these functions and no others.
 */
export const ENGINE_RULES: ModuleRules = {
  imports: {
    env: new Map([
      ["host_call", "i32 i32 i32 i32 i32 -> i32"],
      ["host_get_timezone_offset", "i32 i32 -> i32"],
      ["host_interrupt", "-> i32"],
      ["host_module_load", "i32 i32 -> i32"],
      ["host_module_normalize", "i32 i32 -> i32"],
      ["host_promise_rejection", "i32 i32 i32 ->"],
    ]),
    wasi_snapshot_preview1: new Map([
      ["clock_time_get", "i32 i64 i32 -> i32"],
      ["fd_close", "i32 -> i32"],
      ["fd_fdstat_get", "i32 i32 -> i32"],
      ["fd_seek", "i32 i64 i32 i32 -> i32"],
      ["fd_write", "i32 i32 i32 i32 -> i32"],
      ["random_get", "i32 i32 -> i32"],
    ]),
  },
  isCommand: false,
  hasMemoryLimit: true,
};
