import type { Server } from "node:http";
export function openFrontDoor(options: { listen: number; port: () => number | undefined }): Promise<Server>;
