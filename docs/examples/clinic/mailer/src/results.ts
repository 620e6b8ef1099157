import nodemailer from "nodemailer";
import { settings } from "./settings.ts";

/** Lab results go through the relay, over TLS or not at all. */
export const results = nodemailer.createTransport({
  host: settings.host,
  port: 587,
  requireTLS: true,
  tls: { minVersion: "TLSv1.2" },
  auth: { user: settings.user, pass: settings.password },
});
