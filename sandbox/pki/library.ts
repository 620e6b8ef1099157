export type CertificateLibrary = typeof import("@peculiar/x509");

let loading: Promise<CertificateLibrary> | undefined;

/**
 * Loads the certificate library when it is first needed (over 100 ms). Its dependency injection asks for three
 * functions of a `Reflect` extension while it loads, and for none of them afterwards; it uses no metadata. They are
 * lent for as long as that takes, so that the process of whoever uses the sandbox is left as it was.
 */
export function loadCertificateLibrary(): Promise<CertificateLibrary> {
  loading ??= load();
  return loading;
}

async function load(): Promise<CertificateLibrary> {
  const lent = ["getMetadata", "getOwnMetadata", "defineMetadata"].filter((name) => !(name in Reflect));
  for (const name of lent) {
    Object.defineProperty(Reflect, name, { value: () => undefined, configurable: true, writable: true });
  }
  try {
    return await import("@peculiar/x509");
  } finally {
    for (const name of lent) Reflect.deleteProperty(Reflect, name);
  }
}
