/** The blocks that Terraform takes at the top level of a file, with the names of their labels. */
export const topLevelBlocks: ReadonlyMap<string, readonly string[]> = new Map([
  ["action", ["type", "name"]],
  ["check", ["name"]],
  ["data", ["type", "name"]],
  ["ephemeral", ["type", "name"]],
  ["import", []],
  ["locals", []],
  ["module", ["name"]],
  ["moved", []],
  ["output", ["name"]],
  ["provider", ["name"]],
  ["removed", []],
  ["resource", ["type", "name"]],
  ["terraform", []],
  ["variable", ["name"]],
]);

/** The type of block that was probably meant: one letter differs, is missing, too many or exchanged. */
export function similarBlock(type: string): string | undefined {
  return [...topLevelBlocks.keys()].find((known) => isClose(type, known));
}

function isClose(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  const isExchanged = left.length === 2 && left === [...right].reverse().join("");
  return isExchanged || (left.length <= 1 && right.length <= 1);
}
