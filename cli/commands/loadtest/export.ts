import { Args, Command, Flags } from "@oclif/core";
import { UsageError } from "#cli/errors.ts";
import { configFlag } from "#cli/flags.ts";
import { numberFlag, planFlags } from "#cli/loadtest/flags.ts";
import { writeFolder } from "#cli/loadtest/folder.ts";
import { readPlan } from "#cli/loadtest/plan.ts";
import { parseServer, readFile } from "#cli/loadtest/server.ts";
import { print } from "#cli/output.ts";
import { readOwnConfiguration } from "#cli/policies.ts";
import { version } from "#cli/version.ts";

export class LoadtestExportCommand extends Command {
  static override summary = "write the files with which a cluster runs a load, shared by many pods";
  static override description =
    "Writes a TestRun for the k6-operator, the script and its plan, the image's sources with a Dockerfile, a sink, and a script that " +
    "collects what the pods left for loadtest merge. Nothing is sent to a cluster. Credentials stay in Secrets that the files name. " +
    "The target must be listed under owned: in hipaa-check.yaml. Exit codes: 0 written, 2 wrong usage.";
  static override examples = [
    "<%= config.bin %> loadtest export marketing --kubernetes --smtp smtp+starttls://postfix.mail.svc:587 --pods 4 --credentials load-user -o cluster",
    "<%= config.bin %> loadtest merge cluster/results",
  ];
  static override args = {
    profile: Args.string({ required: true, description: "id of a shipped profile, or a file" }),
  };
  static override flags = {
    config: configFlag,
    kubernetes: Flags.boolean({ required: true, description: "for the k6-operator, 1.6 or newer" }),
    output: Flags.string({
      char: "o",
      required: true,
      helpValue: "FOLDER",
      description: "folder for the files",
    }),
    force: Flags.boolean({ description: "replace files that are there" }),
    smtp: Flags.string({
      required: true,
      helpValue: "URL",
      description: "the server as pods reach it: smtp+starttls://HOST:PORT or smtps://HOST:PORT",
    }),
    ca: Flags.string({ helpValue: "FILE", description: "certificate authority to trust, PEM" }),
    credentials: Flags.string({
      helpValue: "SECRET",
      description: "Secret with HIPAA_CHECK_SMTP_USER and HIPAA_CHECK_SMTP_PASSWORD",
    }),
    pods: numberFlag({ default: 4, description: "how many pods share the load" }),
    name: Flags.string({ description: "name of the TestRun; default: load-PROFILE" }),
    namespace: Flags.string({ default: "load-test", description: "namespace of everything" }),
    image: Flags.string({
      helpValue: "NAME",
      description: "image of the pods; default: hipaa-check-k6:VERSION",
    }),
    "sink-control": Flags.string({
      helpValue: "URL",
      description: "control address of a sink that is there, in place of one that is written",
    }),
    "without-sink": Flags.boolean({
      exclusive: ["sink-control"],
      description: "measure submit and accept only, not whether and when mail arrives",
    }),
    ...planFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LoadtestExportCommand);
    const load = await import("#loadtests/index.ts");
    const plan = await readPlan(args.profile, flags);
    const addresses = {
      ...load.defaultAddresses,
      recipientDomain: flags["recipient-domain"] ?? load.defaultAddresses.recipientDomain,
    };
    load.requireSynthetic(addresses, false);
    const server = parseServer(flags.smtp);
    requireOwned(server, readOwnConfiguration(process.cwd(), flags.config)?.owned ?? []);
    const { files, guide } = load.exportKubernetes({
      plan,
      target: {
        kind: "smtp",
        ...server,
        ...(flags.ca === undefined ? {} : { ca: readFile(flags.ca, "--ca") }),
      },
      targetName: flags.smtp,
      addresses,
      name: flags.name ?? `load-${plan.profile.id}`,
      namespace: flags.namespace,
      image: flags.image ?? `hipaa-check-k6:${version}`,
      pods: flags.pods,
      sink: flags["without-sink"] ? "none" : sinkOf(flags["sink-control"]),
      ...(flags.credentials === undefined ? {} : { credentials: flags.credentials }),
    });
    writeFolder(flags.output, files, flags.force);
    await print(`${files.size} files in ${flags.output}\n\n${guide}`);
  }
}

/** A pod has no way to a loopback address but its own, and clear text goes nowhere else. */
function requireOwned({ host, tls }: ReturnType<typeof parseServer>, owned: readonly string[]): void {
  if (tls === "none")
    throw new UsageError("--smtp: pods send nothing in clear text. Use smtp+starttls:// or smtps://.");
  if (/^(localhost|127\..*|::1)$/i.test(host))
    throw new UsageError(`--smtp: ${host} is each pod itself. Name the server as pods reach it.`);
  if (!owned.some((entry) => entry.toLowerCase() === host.toLowerCase()))
    throw new UsageError(
      `${host} is not listed as owned: list it under owned: in hipaa-check.yaml if it is yours`,
    );
}

function sinkOf(control: string | undefined): string {
  if (control === undefined) return "deployed";
  const url = URL.canParse(control) ? new URL(control) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new UsageError(`--sink-control ${control}: write http://HOST:PORT, without user or password.`);
  return control.replace(/\/$/, "");
}
