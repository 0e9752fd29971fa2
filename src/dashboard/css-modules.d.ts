declare module "*.module.css" {
  /** What each class of the file is called in the page. */
  const classes: Readonly<Record<string, string>>;
  export default classes;
}
declare module "*.css" {}
