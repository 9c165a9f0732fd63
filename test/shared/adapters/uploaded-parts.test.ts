import { afterAll, beforeAll } from "vitest";
import { createUploadedParts } from "../../../shared/adapters/d1-parts.ts";
import { describeUploadedParts } from "../../conformance/uploaded-parts.ts";
import { fakeUploadedParts } from "../../workers/fake-stores.ts";
import { startPlatform } from "./platform.ts";

let platform: Awaited<ReturnType<typeof startPlatform>>;
beforeAll(async () => {
  platform = await startPlatform();
}, 60_000);
afterAll(() => platform.close());

describeUploadedParts("D1", () => createUploadedParts(platform.db));
describeUploadedParts("fake", fakeUploadedParts);
