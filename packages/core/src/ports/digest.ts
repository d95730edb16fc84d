/** SHA-256 as lower-case hex, and the keyed form of it. */
export interface Digest {
  sha256(text: string): string;
  /** HMAC-SHA-256 under the instance's own secret: downstream keys cannot be guessed by who knows an execution id. */
  keyed(text: string): string;
}
