import { posix } from "node:path";
import type { ts } from "ts-morph";
import type { Diagnostic } from "#base/diagnostic.ts";
import type { Collected, CollectHost, CollectUnit } from "#facts/collector.ts";
import type { Fact } from "#facts/fact.ts";
import { Environment } from "./evaluate/environment.ts";
import type { Callers, Program } from "./evaluate/evaluator.ts";
import { mayMakeTransports } from "./prefilter.ts";
import { SourceFiles } from "./source/files.ts";
import { CallerSearch } from "./transports/callers.ts";
import { factsOf, type Subject } from "./transports/facts.ts";
import { ProcessSettings, processWords } from "./transports/process-settings.ts";
import { findRelease } from "./transports/release.ts";
import { findSites, nameOfSite, type Site } from "./transports/sites.ts";

/** Calls that lead to a function that makes transports are followed this far up. */
const maximumCallers = 4;

/** Beyond this many calls of one function the transport is looked at without its callers. */
const maximumSubjects = 40;

/** Reads the sources of one project. */
export function collectProject(unit: CollectUnit, host: CollectHost): Collected {
  const project = new ProjectReader(unit, host);
  const facts = project.read();
  return { facts, diagnostics: project.diagnostics };
}

class ProjectReader {
  readonly diagnostics: Diagnostic[] = [];
  private readonly unit: CollectUnit;
  private readonly host: CollectHost;
  private readonly program: Program;
  private readonly callers: CallerSearch;

  constructor(unit: CollectUnit, host: CollectHost) {
    this.unit = unit;
    this.host = host;
    const environment = new Environment(host);
    this.program = { files: new SourceFiles(host), environment };
    this.callers = new CallerSearch(this.program, host, unit.files);
    this.diagnostics.push(...environment.diagnostics);
  }

  read(): Fact[] {
    const { files, environment } = this.program;
    const opened = this.unit.files.filter((path) => mayMakeTransports(this.host.read(path) ?? ""));
    const settings = this.unit.files.filter((path) => processWords.test(this.host.read(path) ?? ""));
    const process = new ProcessSettings(
      environment,
      settings.flatMap((path) => files.open(path) ?? []),
    );
    const facts = opened.flatMap((path) => this.factsOfFile(path, process));
    this.diagnostics.push(...files.diagnostics);
    return numbered(facts);
  }

  private factsOfFile(path: string, process: ProcessSettings): Fact[] {
    const { files } = this.program;
    const file = files.open(path);
    if (file === undefined) return [];
    if (file.error !== undefined) this.diagnostics.push(file.error.diagnostic);
    try {
      const release = findRelease(this.host, posix.dirname(path), "nodemailer");
      const sites = findSites(file, this.program).filter((site) => !files.isBroken(site));
      return sites.flatMap((site) =>
        this.factsOfSite(site, {
          id: nameOfSite(site),
          site,
          location: files.locate(site.expression),
          way: { program: this.program, calls: [site], callers: new Map() },
          release,
          process,
        }),
      );
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      files.tooDeep(path);
      return [];
    }
  }

  /** Where callers decide, each call is a transport of its own. */
  private factsOfSite(site: Site, subject: Subject): readonly Fact[] {
    const { facts, needed } = factsOf(subject);
    const { calls, callers } = subject.way;
    if (calls.length > maximumCallers) return facts;
    const owner = [...needed].find(
      (node) => !callers.has(node) && calls.some((call) => isAround(node, call)),
    );
    const found =
      owner === undefined ? [] : this.callers.callersOf(owner).filter((call) => !calls.includes(call));
    if (owner === undefined || found.length === 0 || found.length > maximumSubjects) return facts;
    return found.flatMap((call) => {
      const more: Callers = new Map([...callers, [owner, call]]);
      const id = `${nameOfSite(site)}/${nameOfSite(call)}`;
      return this.factsOfSite(site, {
        ...subject,
        id,
        way: { ...subject.way, calls: [...calls, call], callers: more },
      });
    });
  }
}

function isAround(owner: ts.Node, node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) if (at === owner) return true;
  return false;
}

/** Tells facts apart that have one kind, place and name. */
function numbered(facts: readonly Fact[]): Fact[] {
  const seen = new Map<string, number>();
  return facts.map((fact) => {
    const key = `${fact.kind} ${fact.location.file} ${fact.id}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count === 1 ? fact : { ...fact, id: `${fact.id}#${count}` };
  });
}
