/** Compiled by the bundler: bytes may not be compiled at run time. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** Bytes that travel with the bundle. */
declare module "*.bin" {
  const bytes: ArrayBuffer;
  export default bytes;
}

/** The text of a file, for tests. */
declare module "*?raw" {
  const text: string;
  export default text;
}
