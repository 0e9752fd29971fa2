/**
 * What writes and sends mails, to be imported with the first of them. By name from an ES module, since a bundler that splits what it makes gives what
 * is imported from CommonJS when it is needed no names.
 */
export { createTransport } from "nodemailer";
