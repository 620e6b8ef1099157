/** What a template language leaves in a text for a deployment to fill; Postfix itself takes it as it stands. */
const patterns: readonly RegExp[] = [
  // Jinja, Go and Mustache expressions; `${{a} == {b} …}` and inline tables `{{key = value}}` are Postfix's own.
  /(?<!\$)\{\{[-~]?\s*[A-Za-z_.$'"(](?:[^{}=]*|[^{}]{0,300}(?:==|\|)[^{}]{0,300})\}\}/,
  /\{[%#][^{}]*[%#]\}/,
  /<%[^%]*%>/,
  /%\([A-Za-z_]\w*\)[sd]/,
  /%%\w+%%/,
  /[%#]\{[^{}]+\}/,
  /(?<![\w%])%[A-Z][A-Z0-9_]*%/,
  /(?<![\w.-])@[A-Z][A-Z0-9_]*@/,
  /(?<!\w)__[A-Za-z]\w*__/,
  /<(?:your|my|insert|enter|replace|change)[^<>]*>|<[A-Z][A-Z0-9_ -]*>/i,
];

/** The first placeholder in a text. */
export function findPlaceholder(text: string): string | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * A name as environments write them. Postfix knows no such parameter, so a reference to one that nothing sets is one
 * that a tool (envsubst, a shell's here-document) is to replace.
 */
export function isEnvironmentName(name: string): boolean {
  return /^[A-Z_][A-Z0-9_]*$/.test(name) && /[A-Z]/.test(name);
}
