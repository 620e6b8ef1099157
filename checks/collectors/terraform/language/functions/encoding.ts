import { createHash } from "node:crypto";
import { posix } from "node:path";
import { scalar } from "../value.ts";
import { EvaluationFailure, EvaluationLimit, type FunctionDefinition, plain, text } from "./definition.ts";

function decodeBase64(content: string): string {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(content)) {
    throw new EvaluationFailure("the text is no base64");
  }
  const bytes = Buffer.from(content, "base64");
  const decoded = bytes.toString("utf8");
  if (!Buffer.from(decoded, "utf8").equals(bytes)) throw new EvaluationFailure("what was encoded is no text");
  return decoded;
}

function digest(algorithm: string, encoding: "hex" | "base64"): FunctionDefinition {
  return plain(1, 1, ([value], origin) =>
    scalar(createHash(algorithm).update(text(value), "utf8").digest(encoding), origin),
  );
}

export const encodingFunctions: Readonly<Record<string, FunctionDefinition>> = {
  base64encode: plain(1, 1, ([value], origin) =>
    scalar(Buffer.from(text(value), "utf8").toString("base64"), origin),
  ),
  base64decode: plain(1, 1, ([value], origin) => scalar(decodeBase64(text(value)), origin)),
  basename: plain(1, 1, ([path], origin) => scalar(posix.basename(text(path)) || "/", origin)),
  dirname: plain(1, 1, ([path], origin) => scalar(posix.dirname(text(path)), origin)),
  pathexpand: plain(1, 1, ([path], origin) => {
    if (text(path).startsWith("~")) throw new EvaluationLimit("the path begins in somebody's home folder");
    return scalar(text(path), origin);
  }),
  md5: digest("md5", "hex"),
  sha1: digest("sha1", "hex"),
  sha256: digest("sha256", "hex"),
  sha512: digest("sha512", "hex"),
  base64sha256: digest("sha256", "base64"),
  base64sha512: digest("sha512", "base64"),
};
