import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { PostureBehaviour } from "../../posture-server/behaviour.ts";
import { loopbackAddress } from "../../resources/listen.ts";

export const behaviour: PostureBehaviour = {
  /** Publishes the revocation list where the certificate says that it is. */
  async prepare(authority) {
    const server = createServer((_request, response) => {
      authority.revocationList().then(
        (list) => response.writeHead(200, { "content-type": "application/pkix-crl" }).end(list),
        () => response.writeHead(500).end(),
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: loopbackAddress, port: 0 }, resolve);
    });
    authority.publishRevocationsAt(
      `http://${loopbackAddress}:${(server.address() as AddressInfo).port}/root.crl`,
    );
    return {
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
};
