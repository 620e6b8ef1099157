import { ResourceStack } from "../resources/stack.ts";
import type { Site } from "./site.ts";

export interface SitesOptions {
  /** Ports at which servers are looked for, beside the usual ones. */
  readonly ports: readonly number[];
  readonly most: number;
  open(): Promise<Site>;
}

/** Sites that take turns; further ones are opened while there are fewer than the most. */
export class Sites implements AsyncDisposable {
  readonly all: Site[] = [];
  private readonly options: SitesOptions;
  private readonly resources = new ResourceStack();
  private readonly free: Site[] = [];
  private readonly waiting: ((site: Site) => void)[] = [];
  private opening = 0;

  constructor(first: Site, options: SitesOptions) {
    this.options = options;
    this.keep(first);
    this.free.push(first);
  }

  /** A site that nobody uses, waited for where all are in use. @throws SandboxError when a further one cannot be opened */
  async take(): Promise<Site> {
    const site = this.free.pop();
    if (site !== undefined) return site;
    if (this.all.length + this.opening >= this.options.most) {
      return await new Promise((resolve) => this.waiting.push(resolve));
    }
    this.opening++;
    try {
      const opened = await this.options.open();
      this.keep(opened);
      await opened.network.accept(this.options.ports);
      return opened;
    } finally {
      this.opening--;
    }
  }

  /** Empties a site and gives it to the next who waits. */
  async giveBack(site: Site): Promise<void> {
    site.network.withdraw();
    await site.system.clear();
    const next = this.waiting.shift();
    if (next === undefined) this.free.push(site);
    else next(site);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.resources[Symbol.asyncDispose]();
  }

  private keep(site: Site): void {
    this.all.push(this.resources.use(site));
  }
}
