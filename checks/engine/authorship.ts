/** Who wrote some lines of a file, as its history shows it. */
export interface Authorship {
  /** "Name <address>" of each author that is known, sorted. */
  readonly authors: readonly string[];
  /** Why not every line's author is known; absent where each is. */
  readonly notKnown?: string;
}

/**
 * Looks up who wrote lines of a file.
 * @param file relative to the folder the command ran in
 * @param lines counted from 1
 */
export type FindAuthors = (file: string, lines: readonly number[]) => Authorship;

/** Whether one of the authors is the person that a decision names: by name, by address, or by both. */
export function isAuthor(person: string, { authors }: Authorship): boolean {
  const named = person.trim().toLowerCase();
  return authors.some((author) => {
    const whole = author.toLowerCase();
    const at = whole.lastIndexOf(" <");
    return [whole, whole.slice(0, at), whole.slice(at + 2, -1)].includes(named);
  });
}
