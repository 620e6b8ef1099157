const placeholder =
  /^(?:|change[-_ ]?me\S*|replace[-_ ]?me\S*|todo|tbd|none|null|n\/a|example|dummy|placeholder|(?:your|my)[-_ ]?(?:password|passwd|pass|secret|key|token)\S*|your[-_ ].*|x{3,}|\*+|\.{3}|<[^<>]*>|\[[^[\]]*\]|\{\{.*\}\}|\$\{.*\}|%\(.*\)s|__\w+__)$/i;

/** A text that is plainly no secret but stands where one is to come. */
export function isPlaceholder(text: string): boolean {
  return placeholder.test(text.trim());
}
