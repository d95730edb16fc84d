const DOWNSTREAM_KEY = /^ivk_([A-Za-z0-9]{1,64})_[0-9a-f]{12}$/;
const EXECUTION_ID = /^exec_[A-Za-z0-9]{1,64}$/;

/**
 * The execution that a reference in a provider's event names: our downstream key or the id of an execution, both of which
 * go along with a call. Null: it is no reference of ours. Whether a key is genuine is for the keyed digest to say.
 */
export function executionIdOf(reference: string): string | null {
  const key = DOWNSTREAM_KEY.exec(reference);
  if (key !== null) return `exec_${key[1]}`;
  return EXECUTION_ID.test(reference) ? reference : null;
}
