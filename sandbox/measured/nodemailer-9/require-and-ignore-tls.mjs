import { readFileSync } from "node:fs";
import nodemailer from "nodemailer-9";

const { HIPAA_CHECK_SMTP_HOST, HIPAA_CHECK_SMTP_PORT, HIPAA_CHECK_SMTP_CA } = process.env;
const { HIPAA_CHECK_SMTP_USER, HIPAA_CHECK_SMTP_PASSWORD } = process.env;

export default nodemailer.createTransport({
  host: HIPAA_CHECK_SMTP_HOST,
  port: Number(HIPAA_CHECK_SMTP_PORT),
  auth: { user: HIPAA_CHECK_SMTP_USER, pass: HIPAA_CHECK_SMTP_PASSWORD },
  tls: { ca: readFileSync(HIPAA_CHECK_SMTP_CA) },
  requireTLS: true,
  ignoreTLS: true,
});
