export function stockParts(bucket: R2Bucket, folder: string): Promise<number>;
