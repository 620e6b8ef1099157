import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { ErrorObject } from "ajv";
import { isNode, LineCounter, parseDocument } from "yaml";
import { usage } from "../error.ts";
import { profileFolder } from "../paths.ts";
import type { Level, Profile } from "./profile.ts";
import { levelKinds, profileSchema } from "./schema.ts";
import { timeOf } from "./time.ts";

export const longestWarmupMs = 5000;
export const longestDrainMs = 10_000;

/** A level is held against the schema of its own kind only. */
function isOfOtherKind({ schemaPath, instancePath }: ErrorObject, levels: unknown): boolean {
  const branch = /\/levels\/items\/anyOf\/(\d+)\//.exec(schemaPath)?.[1];
  const index = /^\/levels\/(\d+)/.exec(instancePath)?.[1];
  if (branch === undefined || index === undefined || !Array.isArray(levels)) return false;
  const kind = (levels[Number(index)] as { kind?: unknown } | null)?.kind;
  return levelKinds[Number(branch)] !== kind;
}

/** A level whose kind is none, or that has none. */
function strangeLevel(levels: unknown): { path: string[]; message: string } | undefined {
  if (!Array.isArray(levels)) return undefined;
  const index = levels.findIndex(
    (level) => !levelKinds.includes((level as { kind?: string } | null)?.kind ?? ""),
  );
  if (index === -1) return undefined;
  const path = ["levels", String(index), "kind"];
  return { path, message: `${path.join(".")} must be one of ${levelKinds.join(", ")}` };
}

/** One sentence for the error that lies deepest: the others follow from it. */
function complain(all: readonly ErrorObject[], levels: unknown): { path: string[]; message: string } {
  const strange = strangeLevel(levels);
  if (strange !== undefined) return strange;
  const errors = all.filter((error) => !isOfOtherKind(error, levels));
  const depth = (error: ErrorObject): number => error.instancePath.split("/").length;
  const telling = errors.filter(({ keyword }) => !["anyOf", "oneOf", "const"].includes(keyword));
  if (telling.length === 0 && errors.some(({ keyword }) => keyword === "oneOf"))
    return { path: [], message: 'the file has "scenarios" and "steps": remove one of them' };
  const list = telling.length > 0 ? telling : errors;
  const error = list.reduce((a, b) => (depth(b) > depth(a) ? b : a), list[0] as ErrorObject);
  const path = error.instancePath.split("/").slice(1);
  const where = path.length === 0 ? "the file" : path.join(".");
  const { additionalProperty, missingProperty, allowedValues } = error.params as Record<string, unknown>;
  if (typeof additionalProperty === "string") {
    const message = `unknown key "${additionalProperty}" in ${where}: remove it or correct its spelling`;
    return { path: [...path, additionalProperty], message };
  }
  if (typeof missingProperty === "string")
    return { path, message: `${where} lacks "${missingProperty}": add it` };
  if (Array.isArray(allowedValues))
    return { path, message: `${where} must be one of ${allowedValues.join(", ")}` };
  return { path, message: `${where} ${error.message ?? "is not valid"}` };
}

/** Scenarios that a level speaks of. */
function scenariosOf(level: Level): string[] {
  const named: string[] = [];
  if ("scenario" in level) named.push(level.scenario);
  if ("baseline" in level) named.push(level.baseline);
  return named;
}

/** What the schema cannot say; the path of the key, and what is wrong with it. */
function findMistake(profile: Profile): { path: (string | number)[]; message: string } | undefined {
  const ids =
    profile.steps === undefined ? (profile.scenarios ?? []).map((each) => each.id) : [profile.steps.id];
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (twice !== -1)
    return { path: ["scenarios", twice, "id"], message: `the scenario "${ids[twice]}" is there twice` };
  for (const [index, { from = 0, to = 1 }] of (profile.scenarios ?? []).entries()) {
    if (from >= to)
      return { path: ["scenarios", index], message: "it ends before it begins: from must be less than to" };
  }
  for (const [index, level] of profile.levels.entries()) {
    const unknown = scenariosOf(level).find((id) => !ids.includes(id));
    if (unknown !== undefined)
      return {
        path: ["levels", index],
        message: `there is no scenario "${unknown}": there are ${ids.join(", ")}`,
      };
    if (level.kind === "refused" && level.maximum === undefined && level.minimum === undefined)
      return { path: ["levels", index], message: 'a level of kind "refused" needs a maximum or a minimum' };
  }
  if (timeOf(profile.warmup ?? "5s") > longestWarmupMs)
    return { path: ["warmup"], message: `the warm-up is at most ${longestWarmupMs / 1000} s` };
  if (timeOf(profile.drain ?? "10s") > longestDrainMs)
    return { path: ["drain"], message: `the drain is at most ${longestDrainMs / 1000} s` };
  return undefined;
}

/** Ids of the shipped profiles. */
export function shippedProfiles(): string[] {
  return readdirSync(profileFolder())
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length))
    .sort();
}

/**
 * Reads a profile.
 * @param name the id of a shipped one, or a file
 * @throws LoadTestError with file, line and what to do
 */
export async function loadProfile(name: string): Promise<Profile> {
  const isFile = /[/\\.]/.test(name);
  const path = isFile ? name : join(profileFolder(), `${name}.yaml`);
  if (!existsSync(path)) {
    const known = `there are ${shippedProfiles().join(", ")}, and files of your own (hipaa-check loadtest new)`;
    throw usage(
      "profile-missing",
      isFile ? `${name}: there is no such file` : `there is no profile "${name}": ${known}`,
    );
  }
  const shown = isFile ? name : `loadtests/profiles/${name}.yaml`;
  return await parseProfile(shown, readProfile(path, shown));
}

function readProfile(path: string, shown: string): string {
  if (!statSync(path).isFile()) throw usage("profile-missing", `${shown} is no file: name a profile`);
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw usage("profile-missing", `${shown} could not be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** @param shown the file as messages show it */
export async function parseProfile(shown: string, text: string): Promise<Profile> {
  const { Ajv } = await import("ajv");
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, logLevel: "silent" });
  const fail = (line: number, message: string): Error =>
    usage("profile-invalid", `${shown}:${line}: ${message}`);
  const failAt = (path: readonly (string | number)[], message: string): Error => {
    const node = document.getIn(path, true);
    return fail(isNode(node) ? lineCounter.linePos(node.range?.[0] ?? 0).line : 1, message);
  };
  const [error] = document.errors;
  if (error !== undefined)
    throw fail(error.linePos?.[0].line ?? 1, error.message.replace(/ at line \d+, column \d+:[\s\S]*$/, ""));
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    throw fail(1, "too many aliases: write the values out");
  }
  if (typeof value !== "object" || value === null)
    throw fail(1, "the file holds no profile: hipaa-check loadtest new ID writes one to begin with");
  const validate = new Ajv({ allErrors: true, strict: false }).compile(profileSchema());
  if (!validate(value)) {
    const { path, message } = complain(validate.errors ?? [], (value as { levels?: unknown }).levels);
    throw failAt(
      path.map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
      message,
    );
  }
  const profile = value as Profile;
  const mistake = findMistake(profile);
  if (mistake !== undefined) throw failAt(mistake.path, mistake.message);
  if (basename(shown, ".yaml") !== profile.id)
    throw failAt(["id"], `the id is ${profile.id}, but the file is ${basename(shown)}: they must agree`);
  return profile;
}
