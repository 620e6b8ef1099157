/** Families of suites that no published profile allows, as facts name them. */
const families = ["anonymous", "null", "export", "rc4", "3des", "des", "md5"] as const;
export type WeakFamily = (typeof families)[number];

/** Anonymous suites are of two kinds, which OpenSSL can name apart. */
const parts = ["finite field", "elliptic curve", "null", "export", "rc4", "3des", "des", "md5"] as const;
type Part = (typeof parts)[number];

/** OpenSSL's names for all suites of a part, and for single ones. */
const names: Readonly<Record<Part, { readonly all: RegExp; readonly one: RegExp }>> = {
  "finite field": { all: /^(?:aNULL|ADH)$/, one: /^(?:EXP-)?ADH-/ },
  "elliptic curve": { all: /^(?:aNULL|AECDH)$/, one: /^AECDH-/ },
  null: { all: /^(?:eNULL|NULL|COMPLEMENTOFALL)$/, one: /(?:^|-)NULL-/ },
  export: { all: /^(?:EXP|EXPORT|EXPORT40|EXPORT56)$/, one: /^EXP-/ },
  rc4: { all: /^RC4$/, one: /(?:^|-)RC4-/ },
  "3des": { all: /^3DES$/, one: /DES-CBC3-/ },
  des: { all: /^(?:DES|LOW)$/, one: /(?:^|-)DES-CBC-/ },
  md5: { all: /^MD5$/, one: /-MD5$/ },
};

/** Names that stand for many suites, anonymous ones among them. */
const wide =
  /^(?:ALL|HIGH|MEDIUM|LOW|COMPLEMENTOFDEFAULT|kE?ECDHE?|kEDH|kDHE|AES(?:128|256|GCM|CCM8?)?|CAMELLIA(?:128|256)?|SHA(?:1|256|384)?|TLSv1(?:\.[02])?|SSLv3)$/;

const isAnonymous = (part: Part): boolean => part === "finite field" || part === "elliptic curve";

/**
 * The weak families that an OpenSSL cipher list leaves on. What a name such as `MEDIUM` covers is that of OpenSSL 1.1.0
 * and newer, which have neither RC4 nor 3DES in their default build.
 */
export function weakFamiliesOf(list: string): WeakFamily[] {
  const on = new Set<Part>();
  const shut = new Set<Part>();
  for (const word of list.split(/[\s,:;]+/)) {
    const operator = /^[!+-]/.exec(word)?.[0] ?? "";
    const name = word.slice(operator.length);
    for (const part of parts) {
      const { all, one } = names[part];
      if (operator === "") {
        const covers = all.test(name) || one.test(name) || (isAnonymous(part) && wide.test(name));
        if (covers && !shut.has(part)) on.add(part);
      } else if (operator !== "+" && all.test(name)) {
        on.delete(part);
        if (operator === "!") shut.add(part);
      }
    }
  }
  return families.filter((family) =>
    parts.some((part) => on.has(part) && (isAnonymous(part) ? "anonymous" : part) === family),
  );
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

/**
 * What the list of a grade leaves on where nobody changed it.
 * @param oldGrades before Postfix 3.8, which takes `low` and `export` for `medium`
 */
export function familiesOfGrade(grade: Grade, oldGrades: boolean): WeakFamily[] {
  if (grade === "null") return ["null"];
  if (grade === "export" && oldGrades) return ["anonymous", "export", "des"];
  return grade === "low" && oldGrades ? ["anonymous", "des"] : ["anonymous"];
}

/** Takes from the families those that an exclusion list of Postfix names. */
export function exclude(weak: readonly WeakFamily[], list: string): WeakFamily[] {
  const words = list.split(/[\s,:]+/);
  const isOut = (part: Part): boolean => words.some((word) => names[part].all.test(word));
  return weak.filter((family) =>
    family === "anonymous" ? !(isOut("finite field") && isOut("elliptic curve")) : !isOut(family),
  );
}
