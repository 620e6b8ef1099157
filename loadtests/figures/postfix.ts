import { execFile, execFileSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { answers } from "../bench/programs.ts";

const run = promisify(execFile);

/** Where the sandbox's Postfix listens: in clear, over TLS, over TLS with AUTH. Loopback only. */
export const postfixPorts = { clear: 27_201, tls: 27_202, auth: 27_203 } as const;

export const credentials = { user: "load", password: "only-for-the-figures" } as const;

/** What bears on the figures, beside the sandbox's own configuration. */
export function settingsFor(relayPort: number): Record<string, string> {
  return {
    inet_interfaces: "127.0.0.1",
    mynetworks: "127.0.0.0/8",
    default_transport: `smtp:[127.0.0.1]:${relayPort}`,
    smtp_tls_security_level: "encrypt",
    smtpd_tls_loglevel: "0",
    smtpd_tls_chain_files: "/figures/tls.pem",
    maillog_file: "/var/log/mail.log",
  };
}

const encrypted = "-o smtpd_tls_security_level=encrypt";
const services = [
  `127.0.0.1:${postfixPorts.clear} inet n - n - - smtpd -o smtpd_tls_security_level=none`,
  `127.0.0.1:${postfixPorts.tls} inet n - n - - smtpd ${encrypted}`,
  `127.0.0.1:${postfixPorts.auth} inet n - n - - smtpd ${encrypted} -o smtpd_sasl_auth_enable=yes -o mynetworks= -o smtpd_relay_restrictions=permit_sasl_authenticated,reject`,
  // Keeps the relay's TLS connections.
  "tlsproxy unix - - n - 0 tlsproxy",
];

/** The image as the sandbox builds it. */
export function postfixImage(): string {
  const output = execFileSync(process.execPath, ["sandbox/containers/build-images.ts"], { encoding: "utf8" });
  const image = /^hipaa-check-sandbox\/postfix:\S+$/m.exec(output)?.[0];
  if (image === undefined) throw new Error("the sandbox's image of Postfix could not be built");
  return image;
}

export interface PostfixOptions {
  readonly image: string;
  /** With the certificate and its key in `tls.pem`. */
  readonly folder: string;
  readonly queue: "disk" | "memory";
  readonly settings: Readonly<Record<string, string>>;
}

/** The sandbox's Postfix in the network of this machine, with an empty queue. */
export class FigurePostfix implements AsyncDisposable {
  /** Of its container. */
  readonly id: string;

  private constructor(id: string) {
    this.id = id;
  }

  static async start({ image, folder, queue, settings }: PostfixOptions): Promise<FigurePostfix> {
    const own = Object.entries(settings).map(([name, value]) => `'${name}=${value}'`);
    const script = [
      "set -e",
      "cp -r /etc/postfix-server /etc/figures",
      `printf %s '${credentials.password}' | saslpasswd2 -p -c -u localhost ${credentials.user}`,
      "chown postfix /etc/sasldb2",
      "sed -i '/ inet /d; /^    -o/d' /etc/figures/master.cf",
      `cat >>/etc/figures/master.cf <<'END'\n${services.join("\n")}\nEND`,
      `postconf -c /etc/figures -e ${own.join(" ")}`,
      "exec postfix -c /etc/figures start-fg",
    ].join("\n");
    const place =
      queue === "memory"
        ? ["--tmpfs", "/var/spool/postfix:exec,mode=755"]
        : ["--volume", "/var/spool/postfix"];
    const words = [
      "run",
      "--detach",
      "--rm",
      "--network",
      "host",
      ...place,
      "--volume",
      `${folder}:/figures:ro`,
    ];
    const { stdout } = await run("docker", [...words, image, "sh", "-c", script]);
    const postfix = new FigurePostfix(stdout.trim());
    for (let attempt = 0; attempt < 200; attempt++) {
      if (await answers(postfixPorts.auth)) return postfix;
      await pause(100);
    }
    const { stdout: said, stderr } = await run("docker", ["logs", stdout.trim()]);
    await postfix[Symbol.asyncDispose]();
    throw new Error(`Postfix did not start: ${said}${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("docker", ["rm", "--force", "--volumes", this.id]);
    for (let attempt = 0; attempt < 100 && (await answers(postfixPorts.auth)); attempt++) await pause(50);
  }
}
