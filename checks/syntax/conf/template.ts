/** Whether a whole line gives way to lines that are written elsewhere: `{{ extra_settings }}`, `{% include "more" %}`. */
export function isInsertion(line: string): boolean {
  if (isNoSetting(line)) return false;
  return /^(?:\{\{[-~]?(?!\s*(?:[#/!]|(?:if|range|with|else|end)\b))[^{}]*\}\}|\{%[-+]?\s*(?:include|import|extends)\b.*%\}|<%[-]?=.*%>)\s*$/.test(
    line,
  );
}

/** By how much a control line of a template language changes the nesting; undefined for any other line. */
export function templateControl(line: string): number | undefined {
  if (isNoSetting(line)) return 0;
  const word = /^(?:\{%[-+]?\s*|<%[-=]?\s*|\{\{[-~]?\s*(?=[#/]|(?:if|range|with|else|end)\b))([#/]?\w*)/.exec(
    line,
  )?.[1];
  if (word === undefined) return undefined;
  if (/^(?:end\w*|\/\w*)$/.test(word)) return -1;
  return /^(?:#\w+|if|for|unless|with|range|block|macro|raw|case)$/.test(word) ? 1 : 0;
}

/** What stands before a name so that a tool can switch the line on and off: `%{dovecot_enabled}`, `@TLS@`, `{{ssl}}`. */
export function switchPrefix(name: string): string {
  return /^(?:[%#]\{[^{}]*\}|\{\{[^{}]*\}\}|@[A-Z]\w*@|__[A-Z]\w*__)(?=[A-Za-z0-9[])/.exec(name)?.[0] ?? "";
}

/** A comment of a template, or a line that it replaces by white space: `{# why #}`, `{{- "\n" }}`. */
function isNoSetting(line: string): boolean {
  return /^(?:\{#.*#\}|\{\{!.*\}\}|\{\{[-~]?\s*(["'])(?:\s|\\[nrt])*\1\s*[-~]?\}\})\s*$/.test(line);
}
