/** The types of `engine.mjs`. */
export type EngineSettings = { readonly home: string; readonly port: number; readonly apiKey: string; egress: string };
export type Engine = { readonly pid: number; readonly ready: Promise<string>; kill(): Promise<void>; stop(): Promise<void> };

export function newEngineSettings(egress?: string): Promise<EngineSettings>;
export function spawnEngine(settings: EngineSettings): Engine;
