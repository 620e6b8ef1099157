import { request } from "node:http";
import { suiteLabel } from "#sandbox/containers/container.ts";
import { type EngineAddress, findEngine } from "#sandbox/containers/engine.ts";

interface Listed {
  readonly Id: string;
  readonly Name?: string;
  readonly Names?: readonly string[];
}

/** Containers, running or not, and networks that carry the mark of a suite; none where there is no container engine. */
export async function containersAndNetworksOf(suite: string): Promise<string[]> {
  const address = await findEngine().catch(() => undefined);
  if (address === undefined) return [];
  const filters = encodeURIComponent(JSON.stringify({ label: [`${suiteLabel}=${suite}`] }));
  const containers = await list(address, `/containers/json?all=1&filters=${filters}`);
  const networks = await list(address, `/networks?filters=${filters}`);
  return [
    ...containers.map(({ Id, Names = [] }) => `container ${Names[0]?.replace(/^\//, "") ?? Id}`),
    ...networks.map(({ Id, Name }) => `network ${Name ?? Id}`),
  ];
}

function list(address: EngineAddress, path: string): Promise<readonly Listed[]> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...address, path, timeout: 10_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(text) as Listed[]);
        else reject(new Error(`the container engine answered ${response.statusCode} to ${path}`));
      });
    });
    asked.on("timeout", () => asked.destroy(new Error("the container engine does not answer")));
    asked.on("error", reject);
    asked.end();
  });
}
