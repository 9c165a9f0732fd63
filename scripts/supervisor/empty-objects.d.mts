export function removeEmptyObjects(dataDir: string, now?: () => number): number;
