/** One `name=value` pair, the value with its inner white space kept and its outer white space removed. */
export interface Tag {
  readonly name: string;
  readonly value: string;
}

/** A list of `name=value` pairs divided by `;`, as DKIM, DMARC, MTA-STS and TLS-RPT records write it. */
export interface TagList {
  /** In the order written; a doubled name stands twice. */
  readonly tags: readonly Tag[];
  /** What is wrong with the list, in plain words. Empty when it follows the grammar. */
  readonly problems: readonly string[];
  /** The first value of a tag; undefined when it is not there. Names are case-sensitive. */
  get(name: string): string | undefined;
}

/** Reads a tag list by the grammar of RFC 6376 section 3.2. Never throws: what does not fit is a problem. */
export function parseTagList(text: string): TagList {
  const tags: Tag[] = [];
  const problems: string[] = [];
  const parts = text.split(";");
  if (parts.at(-1)?.trim() === "") parts.pop();
  for (const part of parts) {
    const match = /^\s*([A-Za-z][A-Za-z0-9_]*)\s*=([\s\S]*)$/.exec(part);
    if (match === null) {
      problems.push(
        part.trim() === "" ? "an empty tag stands between two semicolons" : "a tag has no name=value form",
      );
      continue;
    }
    const name = match[1] ?? "";
    if (tags.some((tag) => tag.name === name)) problems.push(`the tag ${name} stands twice`);
    tags.push({ name, value: (match[2] ?? "").trim() });
  }
  return { tags, problems, get: (name) => tags.find((tag) => tag.name === name)?.value };
}
