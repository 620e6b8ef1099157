import { collectionFunctions } from "./collections.ts";
import { controlForms, type SpecialForm } from "./control.ts";
import { conversionFunctions } from "./conversions.ts";
import { csvFunctions } from "./csv.ts";
import type { FunctionDefinition } from "./definition.ts";
import { encodingFunctions } from "./encoding.ts";
import { fileForms } from "./files.ts";
import { formatFunctions } from "./format.ts";
import { jsonFunctions } from "./json.ts";
import { networkFunctions } from "./network.ts";
import { numberFunctions } from "./numbers.ts";
import { patternFunctions } from "./patterns.ts";
import { setFunctions } from "./sets.ts";
import { stringFunctions } from "./strings.ts";
import { timeFunctions } from "./time.ts";
import { yamlFunctions } from "./yaml.ts";

/** Terraform's functions by name. What is missing here is unknown, and its name is told. */
export const functions: Readonly<Record<string, FunctionDefinition>> = {
  ...collectionFunctions,
  ...conversionFunctions,
  ...csvFunctions,
  ...encodingFunctions,
  ...formatFunctions,
  ...jsonFunctions,
  ...networkFunctions,
  ...numberFunctions,
  ...patternFunctions,
  ...setFunctions,
  ...stringFunctions,
  ...timeFunctions,
  ...yamlFunctions,
};

export const specialForms: Readonly<Record<string, SpecialForm>> = { ...controlForms, ...fileForms };
