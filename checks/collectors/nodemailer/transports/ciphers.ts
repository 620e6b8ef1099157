/** Families of cipher suites that no published profile allows, by the words and suite names that stand for them. */
const families: readonly (readonly [string, RegExp])[] = [
  ["null", /^(?:e?NULL|COMPLEMENTOFALL)$|(?:^|[-_])NULL(?:[-_]|$)/],
  ["anonymous", /^(?:aNULL|ADH|AECDH|COMPLEMENTOFDEFAULT)$|^(?:ADH|AECDH)-|_anon_/],
  ["export", /^EXP(?:ORT(?:40|56)?)?$|^EXP(?:1024)?-|_EXPORT_/],
  ["rc4", /RC4/],
  ["3des", /3DES|DES-CBC3/],
  ["des", /^(?:DES|LOW)$|(?:^|[-_])DES[-_]CBC(?:[-_]|$)/],
  ["md5", /^MD5$|[-_]MD5$/],
  ["legacy-list", /^(?:SSLv2|SSLv3|TLSv1|TLSv1\.0)$/],
];

/** Words that cover anonymous suites along with much else; OpenSSL leaves those out at every security level but 0. */
const broad = /^(?:ALL|HIGH|MEDIUM|kECDHE?|kEECDH|kDHE?|kEDH|AES(?:128|256|GCM)?|SHA(?:1|256|384)?)$/;

/**
 * The families that an OpenSSL cipher list leaves enabled, in the order of the table. `!WORD` and `-WORD` take a
 * family out, `+WORD` only moves it to the end.
 */
export function enabledFamilies(list: string): string[] {
  const enabled = new Set<string>();
  const killed = new Set<string>();
  const levelZero = /@SECLEVEL=0(?!\d)/.test(list);
  for (const element of list.split(/[:,;\s]+/)) {
    const [, operator = "", word = ""] = /^([!+-]?)(.*)$/.exec(element.replace(/@.*$/, "")) ?? [];
    if (word === "" || operator === "+") continue;
    const touched = familiesOf(word, levelZero && operator === "");
    for (const family of touched) {
      if (operator === "") enabled.add(family);
      else enabled.delete(family);
      if (operator === "!") killed.add(family);
    }
  }
  return families.map(([family]) => family).filter((family) => enabled.has(family) && !killed.has(family));
}

/** `A+B` stands for the suites that are both. */
function familiesOf(word: string, withBroad: boolean): string[] {
  const parts = word.split("+");
  const named = families
    .filter(([, pattern]) => parts.some((part) => pattern.test(part)))
    .map(([family]) => family);
  return withBroad && parts.every((part) => broad.test(part)) ? [...named, "anonymous"] : named;
}
