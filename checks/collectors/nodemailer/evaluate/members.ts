import type { ts } from "ts-morph";
import { shortText } from "../source/syntax.ts";
import {
  constant,
  type Datum,
  type EnvironmentDatum,
  type External,
  partOf,
  stepped,
  writtenAccess,
} from "./datum.ts";
import { fieldOf } from "./instances.ts";
import { exportOf } from "./modules.ts";
import { slotOf } from "./objects.ts";
import { originOf } from "./outside.ts";
import { settle } from "./questions.ts";
import type { Run } from "./run.ts";
import { conversionOf } from "./schema.ts";
import { unread } from "./unread.ts";

/** A property of a datum, as read by `at`. */
export function memberOf(of: Datum, name: string, at: ts.Node, run: Run): Datum {
  const owner = settle(of, run.world);
  const location = run.files.locate(at);
  switch (owner.kind) {
    case "object": {
      const slot = slotOf(owner, name, run.world);
      if (slot === undefined) return constant(undefined, location);
      return stepped(settle(slot.value, run.world), {
        location: slot.location,
        text: `${shortText(at)} is set here`,
      });
    }
    case "array": {
      if (owner.elements === undefined) return unread(at, run, "comes from a list that is not read");
      if (name === "length") return constant(owner.elements.length, location);
      return owner.elements[Number(name)]?.() ?? constant(undefined, location);
    }
    case "constant":
      if (typeof owner.value === "string" && name === "length") return constant(owner.value.length, location);
      return unread(at, run, "is a property of something that has none");
    case "instance":
    case "class":
      return fieldOf(owner, name, at, run);
    case "module":
      return exportOf(owner.path, name, at, run);
    case "environment":
      return environmentMember(owner, name, at, run);
    case "external":
      return externalMember(owner, name, at, run);
    case "unknown":
      return partOf(owner, name, location);
    case "function":
      return unread(at, run, "is a property of a function, which is not read");
  }
}

function environmentMember(owner: EnvironmentDatum, name: string, at: ts.Node, run: Run): Datum {
  const location = run.files.locate(at);
  const { unset } = run.world;
  if (owner.schema === undefined)
    return run.environment.variable(name, `process.env.${name}`, location, unset);
  const isResult = ["data", "value", "env"].includes(name);
  if (isResult) return owner;
  const written = `${owner.schema.name}${writtenAccess(name)}`;
  const conversion = conversionOf(name, owner.schema.nodes);
  return run.environment.converted({ name, written, key: `schema ${name}`, conversion }, location, unset);
}

const environments = new Set(["process env", "Bun env", "import.meta env", "globalThis process env"]);

function externalMember(owner: External, name: string, at: ts.Node, run: Run): Datum {
  const path = [...owner.path, name];
  const location = run.files.locate(at);
  if (owner.made !== undefined) {
    return unread(at, run, `is made by ${owner.name}, which is not read`, {
      origin: originOf(owner) ?? "outside",
    });
  }
  const words = path.filter((word) => word !== "default").join(" ");
  const isProcess = owner.module === undefined || /^(?:node:)?process$/.test(owner.module);
  if (isProcess && (environments.has(words) || (owner.module !== undefined && words === "env"))) {
    return { kind: "environment", location };
  }
  return {
    kind: "external",
    module: owner.module,
    path,
    location,
    name: `${owner.name}${writtenAccess(name)}`,
  };
}
