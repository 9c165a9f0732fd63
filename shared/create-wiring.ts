/** Wires once for each environment, which is once for each isolate; all its requests share what was made. */
export function createWiring<E extends object, D extends object>(make: (env: E) => D): (env: E) => D {
  const made = new WeakMap<E, D>();
  return (env) => {
    const wired = made.get(env) ?? make(env);
    made.set(env, wired);
    return wired;
  };
}
