import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Authority } from "../pki/authority.ts";
import type { PolicyPlan } from "../posture-server/posture.ts";
import { loopbackAddress } from "../resources/listen.ts";
import { serverName } from "./zones.ts";

const usualPath = "/.well-known/mta-sts.txt";
const otherPath = "/elsewhere/mta-sts.txt";
const day = 86_400;

/** The host that serves the MTA-STS policy of the recipient's domain. */
export interface PolicyHost extends AsyncDisposable {
  readonly port: number;
  /** What those did wrong who asked it, one clause each. */
  findings(): readonly string[];
}

function policyText({ mode, mx = serverName, maxAge = day }: PolicyPlan): string {
  return ["version: STSv1", `mode: ${mode}`, `mx: ${mx}`, `max_age: ${maxAge}`, ""].join("\r\n");
}

/** Starts it on the loopback address. */
export async function startPolicyHost(plan: PolicyPlan, authority: Authority): Promise<PolicyHost> {
  const asked: string[] = [];
  const { certificate, key } = await authority.credential("policy-host");
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    if (plan.redirected === true && path === usualPath) {
      response.writeHead(302, { location: otherPath }).end();
      return;
    }
    const found = path === usualPath || (plan.redirected === true && path === otherPath);
    response.writeHead(found ? 200 : 404, { "content-type": "text/plain", connection: "close" });
    response.end(found ? policyText(plan) : "");
    if (plan.afterwards === "bad-certificate") void showBadCertificate();
  });
  const showBadCertificate = async (): Promise<void> => {
    const bad = await authority.credential("unknown-authority");
    server.setSecureContext({ cert: bad.certificate, key: bad.key });
  };
  // A client that does not like the certificate hangs up.
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, loopbackAddress, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    findings: () => (asked.includes(otherPath) ? ["it followed a redirect of the policy host"] : []),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
