/*
 * What the containers of Debian's own senders share: shell programs.
 */

/** Makes the authority that comes in on the input, PEM, the only one that the system trusts. */
export const trustAuthority = `set -eu
find /etc/ssl/certs -mindepth 1 -maxdepth 1 -exec rm -rf {} +
cat >/etc/ssl/certs/ca-certificates.crt
cp /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/sandbox.pem
openssl rehash /etc/ssl/certs`;

/** Prints `OpenSSL 3.5.9`. */
export const openSslVersion = "openssl version | cut -d' ' -f1,2";

/** Prints `GnuTLS 3.8.9`. */
export const gnuTlsVersion =
  "dpkg-query -s libgnutls30t64 | sed -n 's/^Version: \\([0-9.]*\\).*/GnuTLS \\1/p'";
