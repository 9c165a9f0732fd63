/** The host calls of Arcrun. The name of this file is the name of the import module: the compiler takes it from there. */

export declare function call(request: usize, length: i32): i32;
export declare function result_len(handle: i32): i32;
export declare function result_read(handle: i32, target: usize, length: i32): i32;
