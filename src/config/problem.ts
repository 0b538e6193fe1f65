/** One thing wrong with the configuration, named by its variable or flag. */
export interface ConfigProblem {
  readonly name: string;
  readonly message: string;
}
