/** Whether a source can make a transport of nodemailer: it has to name the function that does. */
export function mayMakeTransports(text: string): boolean {
  return text.includes("createTransport");
}

/** Whether anything in a project can send by nodemailer. */
export function mentionsNodemailer(text: string): boolean {
  return text.includes("nodemailer");
}
