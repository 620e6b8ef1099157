import { createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEngine } from "../containers/engine.ts";
import { ensureImage } from "../containers/image.ts";
import { needsEngine, withoutEngine } from "../containers/testing.ts";
import { Network } from "./network.ts";
import { plainZones } from "./zones.ts";

/** Says hello, and then does what it is told; keeps what it saw. */
function startServer(seen: string[]): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    socket.write("hello\n");
    socket.on("data", (bytes) => {
      seen.push(bytes.toString().trim());
      if (bytes.includes("reset")) socket.resetAndDestroy();
      if (bytes.includes("end")) socket.end("bye\n");
    });
    socket.on("end", () => seen.push("(end)"));
    socket.on("error", (error: NodeJS.ErrnoException) => seen.push(`(${error.code})`));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** A client in the network: reads a line, says something, and reads to the end. */
const client = `use IO::Socket::IP;
  $SIG{PIPE} = "IGNORE";
  my ($host, $port, $say) = @ARGV;
  my $s = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Type => SOCK_STREAM) or print("refused: $!") & exit;
  syswrite($s, "$say\\n") if sysread($s, my $greeting, 100);
  print $greeting // "";
  while (1) {
    my $count = sysread($s, my $text, 100);
    if (!defined $count) { print "error: $!"; last }
    if ($count == 0) { print "end"; last }
    print $text;
  }`;

describe.skipIf(withoutEngine !== undefined)(needsEngine("the network of a run"), () => {
  let network: Network;
  let server: Server;
  const seen: string[] = [];

  const say = async (host: string, port: number, text: string): Promise<string> =>
    (await network.container.execute(["perl", "-e", client, host, String(port), text])).output;

  /** The answer code, whether it was validated, and the data. */
  const ask = async (name: string, type: string): Promise<string> => {
    const { output } = await network.container.execute(["drill", "-D", "@198.18.0.53", name, type]);
    const code = /rcode: (\w+)/.exec(output)?.[1];
    const validated = /flags:[^;]* ad[ ;]/.test(output) ? " validated" : "";
    const data = output
      .split("\n")
      .filter((line) => !line.startsWith(";") && line.includes(`\t${type}\t`))
      .map((line) => ` ${line.split("\t").slice(4).join(" ")}`)
      .sort();
    return `${code}${validated}${data.join("")}`;
  };

  beforeAll(async () => {
    const engine = await openEngine();
    network = await Network.start(engine, await ensureImage(engine, "network"));
    server = await startServer(seen);
    const { port } = server.address() as { port: number };
    await network.publish(plainZones, { server: { host: "127.0.0.1", port } });
  }, 600_000);

  afterAll(async () => {
    await network?.[Symbol.asyncDispose]();
    server?.close();
  });

  test("leads to a server of this machine, both ways, to the end", async () => {
    expect(await say("198.18.0.25", 25, "end")).toBe("hello\nbye\nend");
    expect(await say("198.18.0.25", 587, "end")).toBe("hello\nbye\nend");
    expect(seen.slice(-2)).toContain("end");
  });

  test("passes a reset on as one, after what was said before it", async () => {
    expect(await say("198.18.0.25", 25, "reset")).toBe("hello\nerror: Connection reset by peer");
  });

  test("leads nowhere where nobody is", async () => {
    expect(await say("198.18.0.26", 25, "end")).toBe("end");
    expect(await say("198.18.0.77", 25, "end")).toMatch(/^refused: Connection refused/);
  });

  test("has no way out, and the resolver knows no other world", async () => {
    const { output } = await network.container.execute(["cat", "/proc/net/dev"]);
    expect(
      output
        .split("\n")
        .slice(2)
        .map((line) => line.split(":")[0]?.trim())
        .filter(Boolean),
    ).toEqual(["lo"]);
    expect(await say("192.0.2.1", 25, "end")).toMatch(/^refused: Network is unreachable/);
    expect(await ask("deb.debian.org", "A")).toBe("NOERROR validated 198.18.0.25");
    expect(await ask("smtp.relay.example", "A")).toBe("NOERROR validated 198.18.0.25");
  });

  test("signs its zones, leaves them unsigned, or breaks them, as it is told", async () => {
    const tlsa = [`3 1 1 ${"ab".repeat(32)}`];
    await network.publish({ ...plainZones, tlsa }, {});
    expect(await ask("clinic.test", "MX")).toBe("NOERROR validated 10 mx1.provider.test.");
    expect(await ask("_25._tcp.mx1.provider.test", "TLSA")).toBe(`NOERROR validated ${tlsa[0]}`);
    await network.publish({ ...plainZones, tlsa, delegation: "unsigned" }, {});
    expect(await ask("_25._tcp.mx1.provider.test", "TLSA")).toBe(`NOERROR ${tlsa[0]}`);
    expect(await ask("sender.test", "A")).toBe("NOERROR validated 198.18.0.25");
    await network.publish({ ...plainZones, tlsa, delegation: "bogus" }, {});
    expect(await ask("_25._tcp.mx1.provider.test", "TLSA")).toBe("SERVFAIL");
    expect(await ask("clinic.test", "MX")).toBe("SERVFAIL");
  });

  test("names a second server, hides no name by it, and publishes a policy record", async () => {
    await network.publish(
      { ...plainZones, second: "backup", backupNames: ["backup.example"], policyId: "1" },
      {},
    );
    expect(await ask("clinic.test", "MX")).toBe(
      "NOERROR validated 10 mx1.provider.test. 20 mx2.provider.test.",
    );
    expect(await ask("backup.example", "A")).toBe("NOERROR validated 198.18.0.26");
    expect(await ask("partner.example", "A")).toBe("NOERROR validated 198.18.0.25");
    expect(await ask("_mta-sts.clinic.test", "TXT")).toBe('NOERROR validated "v=STSv1; id=1;"');
  });
});
