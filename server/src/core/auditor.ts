/** Something that an operator did in the console. */
export interface OperatorAction {
  /** The name of the API key with which the operator signed in. */
  key: string;
  address: string;
  operation: string;
  input: unknown;
  /** `ok`, or the code of the error. */
  outcome: string;
}

/** Records the actions of operators in the console. */
export interface Auditor {
  /** Never rejects, because the action has already been carried out. */
  record(action: OperatorAction): Promise<void>;
}
