/** The types of `scale-page.mjs`. */
import type { Assumed, Counts } from "./scale-model.mjs";

export type Measured = { readonly rows: number; readonly perStep: { readonly rpcs: number; readonly messages: number } };

export function renderScale(counts: Counts, engine?: Measured, assumed?: Assumed): string;
