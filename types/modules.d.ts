/** Compiled by the bundler: bytes may not be compiled at run time. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
