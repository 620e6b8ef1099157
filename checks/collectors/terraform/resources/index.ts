import type { ResourceReader } from "../resource.ts";
import { readAudit } from "./audit.ts";
import { readDns } from "./dns/route53.ts";
import { readDirectories } from "./identity/directories.ts";
import { readAccess } from "./identity/iam.ts";
import { readKeys } from "./keys.ts";
import { readLogs } from "./logs.ts";
import { readSecrets } from "./secrets/secrets.ts";
import { readSes } from "./ses.ts";
import { readS3 } from "./stores/s3.ts";
import { readStores } from "./stores/stores.ts";

/** Every reader of resources. A new service area is one file beside this one and one line here. */
export const readers: readonly ResourceReader[] = [
  readAccess,
  readAudit,
  readDirectories,
  readDns,
  readKeys,
  readLogs,
  readS3,
  readSecrets,
  readSes,
  readStores,
];
