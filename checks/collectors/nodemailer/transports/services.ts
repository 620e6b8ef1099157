import table from "./services.json" with { type: "json" };

/** What nodemailer knows of a mail service by its name. */
export interface Service {
  readonly host?: string;
  readonly port?: number | string;
  readonly secure?: boolean;
  readonly requireTLS?: boolean;
  readonly ignoreTLS?: boolean;
}

const byName = new Map(
  (table as readonly (Service & { readonly names: readonly string[] })[]).flatMap(({ names, ...service }) =>
    names.map((name) => [normalized(name), service] as const),
  ),
);

/** A service by its name, an alias of it, or an address at one of its domains. */
export function findService(name: string): Service | undefined {
  return byName.get(normalized(name.split("@").at(-1) ?? ""));
}

function normalized(name: string): string {
  return name.replace(/[^a-zA-Z0-9.-]/g, "").toLowerCase();
}
