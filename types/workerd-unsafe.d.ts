/** A module of the runtime for tests; a Worker has it with the compatibility flag `unsafe_module`. */
declare module "workerd:unsafe" {
  const unsafe: { evict(stub: DurableObjectStub<undefined>, options: { readonly webSockets: "hibernate" }): Promise<void> };
  export default unsafe;
}
