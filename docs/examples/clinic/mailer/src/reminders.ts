import nodemailer from "nodemailer";

/** Reminders of appointments. Whether TLS is used is up to a variable that nobody documents. */
export const reminders = nodemailer.createTransport({
  host: "relay.lakeside-clinic.example",
  port: 587,
  secure: process.env.SMTP_SECURE === "true",
  auth: { user: "reminders", pass: "spring-2024-lakeside" },
});
