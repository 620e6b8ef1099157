/** Settings of the deployment. */
export const settings = {
  host: process.env.SMTP_HOST ?? "relay.lakeside-clinic.example",
  user: process.env.SMTP_USER,
  password: process.env.SMTP_PASSWORD,
};
