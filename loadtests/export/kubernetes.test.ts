import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { defaultAddresses } from "../plan/addresses.ts";
import { defaultCeilings } from "../plan/ceilings.ts";
import { makePlan } from "../plan/plan.ts";
import { loadProfile } from "../profile/load.ts";
import { exportKubernetes, type KubernetesLoad } from "./export.ts";

const schema = new URL("fixtures/testrun-v1alpha1.schema.json", import.meta.url);
const operator = new Ajv({ strict: false, allErrors: true, validateFormats: false });
const isTestRun = operator.compile(closed(JSON.parse(readFileSync(schema, "utf8"))));

/** The API server drops keys that a CRD does not know, without a word: here they are mistakes. */
function closed(value: unknown): object {
  const close = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(close);
    if (typeof each !== "object" || each === null) return each;
    const copy = Object.fromEntries(Object.entries(each).map(([key, child]) => [key, close(child)]));
    return copy.type === "object" && copy.properties !== undefined && copy.additionalProperties === undefined
      ? { ...copy, additionalProperties: Object.keys(copy.properties as object).length === 0 }
      : copy;
  };
  const root = close(value) as { properties: Record<string, object> };
  return { ...root, properties: { ...root.properties, metadata: { type: "object" } } };
}

async function load(
  change: Partial<KubernetesLoad> = {},
  profile = "transactional",
): Promise<KubernetesLoad> {
  return {
    plan: makePlan(await loadProfile(profile), {}, defaultCeilings),
    target: { kind: "smtp", host: "postfix.mail.svc", port: 587, tls: "starttls" },
    targetName: "smtp+starttls://postfix.mail.svc:587",
    addresses: defaultAddresses,
    name: "load-transactional",
    namespace: "load-test",
    image: "registry.example/k6:1",
    pods: 4,
    credentials: "load-user",
    sink: "deployed",
    ...change,
  };
}

function file(files: ReadonlyMap<string, string>, name: string): string {
  const text = files.get(name);
  if (text === undefined) throw new Error(`${name} is not there`);
  return text;
}

describe("the exported files", () => {
  test.each([
    ["with a sink and credentials", {}],
    ["without a sink", { sink: "none" }],
    ["with a sink that is there", { sink: "http://sink.mail.svc:8025" }],
    ["of one pod", { pods: 1 }],
  ] as const)("%s hold a TestRun that the operator's CRD takes", async (_name, change) => {
    const { files } = exportKubernetes(await load(change));
    const run = parse(file(files, "test-run.yaml"));
    expect(isTestRun(run), JSON.stringify(isTestRun.errors)).toBe(true);
    expect(run).toMatchObject({ apiVersion: "k6.io/v1alpha1", kind: "TestRun" });
  });

  test("are held against a schema that refuses what is wrong", async () => {
    const run = parse(file(exportKubernetes(await load()).files, "test-run.yaml"));
    expect(isTestRun({ ...run, spec: { ...run.spec, parallelism: "4" } })).toBe(false);
    expect(isTestRun({ ...run, spec: { ...run.spec, runners: {} } })).toBe(false);
    const runner = { ...run.spec.runner, envForm: [] };
    expect(isTestRun({ ...run, spec: { ...run.spec, runner } })).toBe(false);
  });

  test("name Secrets and hold no credentials; the operator's initializer gets none", async () => {
    const { files } = exportKubernetes(await load());
    const { spec } = parse(file(files, "test-run.yaml"));
    expect(spec.runner.envFrom).toEqual([
      { secretRef: { name: "load-user" } },
      { secretRef: { name: "load-transactional-sink" } },
    ]);
    expect(spec.initializer.envFrom).toBeUndefined();
    const plan = JSON.parse(parse(file(files, "script.yaml")).data["plan.json"]);
    expect(plan.authenticates).toBe(true);
    expect(plan.session).toEqual({
      host: "postfix.mail.svc",
      port: 587,
      tls: "starttls",
      sessions: 5,
      connectTimeout: "10s",
    });
    const [, deployment] = parseAllDocuments(file(files, "sink.yaml")).map((each) => each.toJS());
    expect(deployment.spec.template.spec.containers[0].env).toEqual([
      {
        name: "SMTP_SINK_TOKEN",
        valueFrom: { secretKeyRef: { name: "load-transactional-sink", key: "SMTP_SINK_TOKEN" } },
      },
    ]);
  });

  test("belong together: names, ports, labels and selectors agree", async () => {
    const { files } = exportKubernetes(await load());
    const [config, deployment, service, policy] = parseAllDocuments(file(files, "sink.yaml")).map((each) =>
      each.toJS(),
    );
    const script = parse(file(files, "script.yaml"));
    const run = parse(file(files, "test-run.yaml"));
    const plan = JSON.parse(script.data["plan.json"]);
    expect(run.spec.script.configMap).toEqual({ name: script.metadata.name, file: "smtp.js" });
    expect(Object.keys(script.data)).toEqual(["smtp.js", "plan.json"]);
    const pod = deployment.spec.template;
    expect(deployment.spec.selector.matchLabels).toEqual(pod.metadata.labels);
    expect(service.spec.selector).toEqual(pod.metadata.labels);
    expect(policy.spec.podSelector.matchLabels).toEqual(pod.metadata.labels);
    expect(pod.spec.volumes[0].configMap.name).toBe(config.metadata.name);
    expect(plan.sink.control).toBe(
      `http://${service.metadata.name}.${service.metadata.namespace}.svc:${service.spec.ports[1].port}`,
    );
    const named = pod.spec.containers[0].ports.map(({ name }: { name: string }) => name);
    expect(service.spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort)).toEqual(named);
    const listens = pod.spec.containers[0].ports.map(
      ({ containerPort }: { containerPort: number }) => containerPort,
    );
    expect(JSON.parse(config.data["sink.json"]).listen).toBe(`:${listens[0]}`);
    expect(pod.spec.containers[0].args.at(-1)).toBe(`:${listens[1]}`);
  });

  test("hold the whole Go module of the image, without its tests", async () => {
    const { files } = exportKubernetes(await load());
    const image = [...files.keys()].filter((name) => name.startsWith("image/"));
    for (const name of ["Dockerfile", "go.mod", "go.sum", "main.go", "sinkcommand/command.go"])
      expect(image).toContain(`image/${name}`);
    expect(image.filter((name) => /_test\.go$|testdata|bench|\.md$/.test(name))).toEqual([]);
  });

  test("tell the sink what a profile wants of it", async () => {
    const { files } = exportKubernetes(await load({}, "throttle"));
    const plan = JSON.parse(parse(file(files, "script.yaml")).data["plan.json"]);
    expect(plan.sinkPlan).toEqual({ limits: [{ rate: 15, burst: 20, action: 451 }], faults: [] });
  });
});

describe("what pods cannot do is refused", () => {
  test.each([
    ["a mail server that is killed", {}, "failover", /kills the mail server/],
    ["a sink that misbehaves, without one", { sink: "none" }, "throttle", /it needs one/],
    [
      "more pods than connections",
      { pods: 21 },
      "transactional",
      /has 20 connections, and each pod needs one/,
    ],
    ["half a pod", { pods: 1.5 }, "transactional", /whole number from 1 to 500/],
    ["a name that Kubernetes refuses", { name: "Load_1" }, "transactional", /^--name Load_1: a name has/],
    ["a namespace that Kubernetes refuses", { namespace: "-x" }, "transactional", /^--namespace -x/],
  ] as const)("%s", async (_name, change, profile, complaint) => {
    const refused = await load(change, profile);
    expect(() => exportKubernetes(refused)).toThrow(complaint);
  });
});
