/** What is told of parts, to forms and to agents. */
import { PART_EXAMPLES } from "../generated/part-examples.ts";
import { PART_MANIFESTS } from "../generated/part-manifests.ts";
import type { PartExample } from "./part-example.ts";
import type { PartManifest } from "./part-manifest.ts";
import type { UploadedPart, UploadedParts } from "./ports.ts";

export type PartEntry = {
  readonly manifest: PartManifest;
  readonly examples: readonly PartExample[];
  readonly origin: "built_in" | "uploaded";
};

/** The parts that a tenant may use: the newest of each name. */
export type PartCatalogue = {
  list(tenant: string): Promise<readonly PartEntry[]>;
  /** By its name or an alias. */
  find(tenant: string, name: string): Promise<PartEntry | undefined>;
};

/** The parts of the build, and those that the tenant has uploaded. An upload cannot have the name of a built-in part. */
export function createPartCatalogue(uploads: Pick<UploadedParts, "list" | "newest">): PartCatalogue {
  const builtIn = createBuiltInParts();
  const toEntry = ({ manifest }: UploadedPart): PartEntry => ({ manifest, examples: [], origin: "uploaded" });
  return {
    list: async (tenant) => [...(await builtIn.list(tenant)), ...(await uploads.list(tenant)).map(toEntry)],
    async find(tenant, name) {
      const known = await builtIn.find(tenant, name);
      if (known !== undefined) return known;
      const [uploaded] = await uploads.newest(tenant, [name]);
      return uploaded && toEntry(uploaded);
    },
  };
}

/** The parts of the build, which all tenants share. */
export function createBuiltInParts(): PartCatalogue {
  const entries = Object.values(PART_MANIFESTS).map((manifest): PartEntry => ({
    manifest,
    examples: PART_EXAMPLES[manifest.name] ?? [],
    origin: "built_in",
  }));
  const byName = new Map(entries.flatMap((entry) => [entry.manifest.name, ...entry.manifest.aliases].map((name) => [name, entry])));
  return {
    list: () => Promise.resolve(entries),
    find: (_tenant, name) => Promise.resolve(byName.get(name)),
  };
}
