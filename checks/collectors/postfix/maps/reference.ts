/** One `type:name` of a parameter that takes lookup tables. */
export interface MapReference {
  /** Without `proxy:` in front: `hash`, `pcre`, `static`. */
  readonly type: string;
  /** A path, a name, or the content of an inline table. */
  readonly name: string;
  /** As it is written. */
  readonly text: string;
}

/** Types that hold the text of the file as it was when `postmap` made a table of it. */
export const indexedTypes: ReadonlySet<string> = new Set(["btree", "cdb", "dbm", "hash", "lmdb", "sdbm"]);
export const patternTypes: ReadonlySet<string> = new Set(["pcre", "regexp"]);
/** Types whose name is the client configuration of a database. */
export const databaseTypes: ReadonlySet<string> = new Set([
  "ldap",
  "memcache",
  "mongodb",
  "mysql",
  "pgsql",
  "sqlite",
]);

/** Splits at white space and commas outside braces. */
export function splitList(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let level = 0;
  for (const character of text) {
    if (level <= 0 && /[\s,]/.test(character)) {
      if (word !== "") words.push(word);
      word = "";
      level = 0;
      continue;
    }
    if (character === "{") level += 1;
    else if (character === "}") level -= 1;
    word += character;
  }
  if (word !== "") words.push(word);
  return words;
}

/** The lookup tables that a parameter names, in the order in which Postfix asks them. */
export function mapReferences(text: string): MapReference[] {
  return splitList(text).flatMap((word) => {
    const bare = /^\{.*\}$/s.test(word) ? word.slice(1, -1).trim() : word;
    const match = /^(?:proxy:)?([A-Za-z][\w-]*):(.*)$/s.exec(bare);
    return match === null ? [] : [{ type: match[1] ?? "", name: match[2] ?? "", text: word }];
  });
}

/** The inside of `{ … }`, without white space around it. */
export function insideBraces(text: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith("{") && trimmed.endsWith("}") ? trimmed.slice(1, -1).trim() : trimmed;
}
