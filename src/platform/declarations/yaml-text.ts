/**
 * What reads YAML, to be imported with the first file of it. By name from an ES module, since a bundler that splits what it makes gives what
 * is imported from CommonJS when it is needed no names.
 */
export { parseDocument } from "yaml";
