/** The WASI functions a part uses. The name of this file is the name of the import module: the compiler takes it from there. */

export declare function fd_read(fd: i32, vectors: usize, count: i32, done: usize): i32;
export declare function fd_write(fd: i32, vectors: usize, count: i32, done: usize): i32;
export declare function proc_exit(code: i32): void;
export declare function random_get(target: usize, length: usize): i32;
export declare function clock_time_get(clock: i32, precision: i64, time: usize): i32;
