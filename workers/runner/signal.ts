/** For those who wait, within one isolate, until something is so: they look again whenever something has changed. */
export type Signal = {
  announce(): void;
  /** Resolves when it is met, or after so many milliseconds. */
  until(isMet: () => boolean, ms: number): Promise<void>;
};

export function createSignal(): Signal {
  let listeners: (() => void)[] = [];
  return {
    announce() {
      for (const listener of listeners.splice(0)) listener();
    },
    async until(isMet, ms) {
      const deadline = Date.now() + ms;
      while (!isMet()) {
        const left = deadline - Date.now();
        if (left <= 0) return;
        const woken = Promise.withResolvers<void>();
        listeners.push(woken.resolve);
        const timer = setTimeout(woken.resolve, left);
        await woken.promise;
        clearTimeout(timer);
        listeners = listeners.filter((listener) => listener !== woken.resolve);
      }
    },
  };
}
