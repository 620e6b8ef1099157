import nodemailer from "nodemailer";

/** Letters to insurers, with the options of an answer found on the web. */
export const billing = nodemailer.createTransport({
  service: "Outlook365",
  auth: { user: process.env.BILLING_USER, pass: process.env.BILLING_PASSWORD },
  tls: { ciphers: "SSLv3" },
});
