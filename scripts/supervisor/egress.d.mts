export type Address = { readonly address: string; readonly family: number };
export type ResolveName = (hostname: string, options: { all: true; verbatim: true }) => Promise<readonly Address[]>;
export type EgressHalf = { readonly port: number; allow(address: string): void; close(): void };
export function openEgressHalf(options: { token: string; allow: readonly string[]; resolve?: ResolveName }): Promise<EgressHalf>;
export function checkedAddresses(url: URL, allowed: ReadonlySet<string>, resolve?: ResolveName): Promise<readonly Address[]>;
