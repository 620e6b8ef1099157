import nodemailer from "nodemailer";

/** Switched on while hunting a bug, never switched off. */
export const diagnostics = nodemailer.createTransport({
  host: "relay.lakeside-clinic.example",
  port: 465,
  secure: true,
  logger: true,
  debug: true,
  tls: { rejectUnauthorized: false },
});
