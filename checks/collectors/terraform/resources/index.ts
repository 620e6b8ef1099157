import type { ResourceReader } from "../resource.ts";
import { readAudit } from "./audit.ts";
import { readDirectories } from "./cognito.ts";
import { readAccess } from "./iam.ts";
import { readKeys } from "./keys.ts";
import { readLogs } from "./logs.ts";
import { readDns } from "./route53.ts";
import { readS3 } from "./s3.ts";
import { readSecrets } from "./secrets.ts";
import { readSes } from "./ses.ts";
import { readStores } from "./stores.ts";

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
