/** The WASI functions a part uses. The name of this file is the name of the import module: the compiler takes it from there. */

export declare function fd_read(fd: i32, vectors: usize, count: i32, done: usize): i32;
export declare function fd_write(fd: i32, vectors: usize, count: i32, done: usize): i32;
export declare function proc_exit(code: i32): void;
