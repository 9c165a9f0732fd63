export function isPublicAddress(address: string): boolean;
export function literalAddress(hostname: string): string | undefined;
