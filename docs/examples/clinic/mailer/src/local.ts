import nodemailer from "nodemailer";

/** Cron reports to the relay on the same host. */
export const local = nodemailer.createTransport({ host: "localhost", port: 25, ignoreTLS: true });
