export class StartError extends Error {}
export type Settings = {
  readonly port: number;
  readonly apiKey: string | undefined;
  readonly dataDir: string;
  readonly egressAllow: readonly string[];
  readonly publicUrl: string;
  readonly startRate: string | undefined;
  readonly failureRate: string | undefined;
  readonly readyFile: string | undefined;
  readonly demo: boolean;
};
export function readSettings(env: Readonly<Record<string, string | undefined>>, argv: readonly string[]): Settings;
