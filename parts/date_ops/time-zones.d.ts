/** Made by `scripts/parts/time-zones.mjs`. */
declare module "arcrun:time-zones" {
  const data: { readonly version: string; readonly zones: readonly string[]; readonly links: readonly string[] };
  export default data;
}

/** Makes js-joda know time zones, of which none is loaded. */
declare module "@js-joda/timezone/dist/js-joda-timezone-empty.esm.js";
