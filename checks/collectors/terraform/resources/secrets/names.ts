import { isPlaceholderInCode } from "#facts/secret-text.ts";

/** Words in a setting's name that say that its value is a secret. */
const secretWord =
  /(?:^|_)(?:PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|SECRET|SECRETS|TOKEN|APIKEY|CREDENTIAL|CREDENTIALS)(?:_|$)|(?:^|_)(?:API|ACCESS|AUTH|PRIVATE|SIGNING|ENCRYPTION|MASTER|SECRET|SERVICE|WEBHOOK)_KEY(?:_|$)/;

/** Endings that turn a secret's name into the name of something about it. */
const aboutSecret =
  /_(?:ARN|ID|IDS|NAME|NAMES|PATH|FILE|FILENAME|DIR|URL|URI|ENDPOINT|HOST|TTL|EXPIRY|EXPIRES|EXPIRATION|LENGTH|MIN|MAX|AGE|HEADER|TYPE|ALGORITHM|ISSUER|AUDIENCE|ENABLED|REGION|VERSION|POLICY|ROTATION|COUNT|LIMIT|FIELD|KEY_ID|ALIAS|PREFIX)$/;

/** Whether a setting's name (`SMTP_PASSWORD`, `apiKey`, `db-pass`) says that its value is a secret. */
export function namesSecret(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
  return secretWord.test(words) && !aboutSecret.test(words);
}

/** A URL that carries a password: `smtp://user:password@host`. */
export function carriesPassword(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:[^\s@/]+@/i.test(value);
}

/** A text that is plainly no secret but stands where one is to come; `{}` is an empty JSON object. */
export function isPlaceholder(value: string): boolean {
  return isPlaceholderInCode(value) || value.trim() === "{}";
}

/** A text that only says where the secret is: an ARN, a reference that the service resolves. */
export function isPointer(value: string): boolean {
  return /^arn:aws[\w-]*:(?:secretsmanager|ssm|kms|s3):|^\{\{resolve:(?:secretsmanager|ssm-secure):/.test(
    value.trim(),
  );
}
