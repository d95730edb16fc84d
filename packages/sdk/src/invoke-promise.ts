/** What was asked for, and the HTTP answer it was read from; null where no answer came. */
export interface WithResponse<T> {
  readonly data: T;
  /** Status and headers; the body has been read already. */
  readonly response: Response | null;
}

/** The promise of what was asked for; `withResponse()` also gives the HTTP answer. */
export interface InvokePromise<T> extends Promise<T> {
  withResponse(): Promise<WithResponse<T>>;
}

export function toInvokePromise<T>(answer: Promise<WithResponse<T>>): InvokePromise<T> {
  const promise = answer.then(({ data }) => data);
  const withResponse = () => {
    // Who waits for the one has not to listen to the other as well.
    promise.catch(() => undefined);
    return answer;
  };
  return Object.assign(promise, { withResponse });
}
