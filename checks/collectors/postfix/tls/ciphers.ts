/** Families of suites that no published profile allows, as facts name them. */
const families = ["anonymous", "null", "export", "rc4", "3des", "des", "md5"] as const;
export type WeakFamily = (typeof families)[number];

/** OpenSSL's names for a whole family, and for its suites. */
const aliases: Readonly<Record<WeakFamily, RegExp>> = {
  anonymous: /^(?:aNULL|ADH|AECDH)$|^(?:ADH|AECDH|EXP-ADH)-/,
  null: /^(?:eNULL|NULL|COMPLEMENTOFALL)$|(?:^|-)NULL-/,
  export: /^(?:EXP|EXPORT|EXPORT40|EXPORT56)$|^EXP-/,
  rc4: /^RC4$|(?:^|-)RC4-/,
  "3des": /^3DES$|DES-CBC3-/,
  des: /^(?:DES|LOW)$|(?:^|-)DES-CBC-/,
  md5: /^MD5$|-MD5$/,
};

/** Names that stand for many suites, anonymous ones among them. */
const wide =
  /^(?:ALL|HIGH|MEDIUM|LOW|COMPLEMENTOFDEFAULT|kE?ECDHE?|kECDHE|kEDH|kDHE|AES(?:128|256|GCM|CCM8?)?|CAMELLIA(?:128|256)?|SHA(?:1|256|384)?|TLSv1(?:\.[02])?|SSLv3)$/;

/**
 * The weak families that an OpenSSL cipher list leaves on. Single suites count for their family. What a name such as
 * `MEDIUM` covers is that of OpenSSL 1.1.0 and newer, which have neither RC4 nor 3DES in their default build.
 */
export function weakFamiliesOf(list: string): WeakFamily[] {
  const on = new Set<WeakFamily>();
  const shut = new Set<WeakFamily>();
  for (const word of list.split(/[\s,:;]+/)) {
    const operator = /^[!+-]/.exec(word)?.[0] ?? "";
    const name = word.slice(operator.length);
    for (const family of families) {
      const isFamily = aliases[family].test(name);
      const covers = isFamily || (family === "anonymous" && wide.test(name));
      if (operator === "" && covers && !shut.has(family)) on.add(family);
      if ((operator === "!" || operator === "-") && closes(family, name, isFamily)) {
        on.delete(family);
        if (operator === "!") shut.add(family);
      }
    }
  }
  return families.filter((family) => on.has(family));
}

/** Only the name of a whole family shuts the family out, not that of one suite. */
function closes(family: WeakFamily, name: string, isFamily: boolean): boolean {
  if (!isFamily || name.includes("-")) return false;
  return family !== "anonymous" || name === "aNULL";
}

export const grades = ["high", "medium", "low", "export", "null"] as const;
export type Grade = (typeof grades)[number];

export function isGrade(word: string): word is Grade {
  return (grades as readonly string[]).includes(word);
}

/** The parameter that holds the list of a grade. */
export function listParameter(grade: Grade): string {
  return `tls_${grade}_cipherlist`;
}

/** What the list of a grade leaves on where nobody changed it. */
export function familiesOfGrade(grade: Grade): WeakFamily[] {
  if (grade === "null") return ["null"];
  if (grade === "export") return ["anonymous", "export", "des"];
  return grade === "low" ? ["anonymous", "des"] : ["anonymous"];
}

/** Takes from the families those that an exclusion list of Postfix names. `ADH` and `AECDH` together are `aNULL`. */
export function exclude(weak: readonly WeakFamily[], list: string): WeakFamily[] {
  const names = list.split(/[\s,:]+/).filter((word) => word !== "");
  const both = names.includes("ADH") && names.includes("AECDH") ? [...names, "aNULL"] : names;
  return weak.filter((family) => !both.some((name) => closes(family, name, aliases[family].test(name))));
}
