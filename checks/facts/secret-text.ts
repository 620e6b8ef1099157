const placeholder =
  /^(?:|change[-_ ]?me\S*|replace[-_ ]?me\S*|todo|tbd|none|null|n\/a|example|dummy|placeholder|x{3,}|\*+|\.{3}|<[^<>]*>|\[[^[\]]*\])$/i;

/** A text that is plainly no secret but stands where one is to come, in any language. */
export function isPlaceholder(text: string): boolean {
  return placeholder.test(text.trim());
}

const placeholderInCode = /^(?:your[-_ ].*|\{\{.*\}\}|\$\{.*\}|%\(.*\)s|__\w+__)$/i;

/** The same where a text with the marks of a template is no value that somebody would set, as in code. */
export function isPlaceholderInCode(text: string): boolean {
  return isPlaceholder(text) || placeholderInCode.test(text.trim());
}

const named = /^(?:your|my)[-_ ]?(?:password|passwd|pass|secret|key|token)\S*$/i;

/** What samples call the secret that is to come: `yourpassword`, `my_api_key`. */
export function isNamedPlaceholder(text: string): boolean {
  return named.test(text.trim());
}
