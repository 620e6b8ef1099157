import { posix } from "node:path";
import type { CollectHost, Collector, CollectUnit } from "#facts/collector.ts";
import { mayMakeTransports, mentionsNodemailer } from "./prefilter.ts";

/**
 * One unit for each source project (the nearest `package.json`) in which some file names the function that makes
 * transports. The parser is loaded for those only.
 */
export const collector: Collector = {
  group(files, host) {
    const projects = new Projects(host);
    const units = Map.groupBy(files, (file) => projects.folderOf(posix.dirname(file)));
    return [...units].flatMap(([id, members]): CollectUnit[] => {
      let [makes, mentions] = [false, false];
      // Every file is read, since each one is a reason for the answer; none is kept.
      for (const file of members) {
        const text = host.read(file) ?? "";
        makes = mayMakeTransports(text) || makes;
        mentions = mentionsNodemailer(text) || mentions;
      }
      return makes && mentions ? [{ id, files: members }] : [];
    });
  },

  async collect(unit, host) {
    const { collectProject } = await import("./project.ts");
    return collectProject(unit, host);
  },
};

/** The folder of the nearest `package.json`, or the topmost folder that can be read. */
class Projects {
  private readonly host: CollectHost;
  private readonly folders = new Map<string, string>();

  constructor(host: CollectHost) {
    this.host = host;
  }

  folderOf(folder: string): string {
    let found = this.folders.get(folder);
    if (found === undefined) {
      const isTop = folder === "." || folder === "/" || posix.basename(folder) === "..";
      const isProject = isTop || this.host.list(folder).includes("package.json");
      found = isProject ? folder : this.folderOf(posix.dirname(folder));
      this.folders.set(folder, found);
    }
    return found;
  }
}
