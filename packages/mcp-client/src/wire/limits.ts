/** Bytes of an answer, after decompression. */
export const MAX_ANSWER_BYTES = 5 * 1024 * 1024;
/** Nesting of a JSON answer. */
export const MAX_ANSWER_DEPTH = 64;
/** Compressions laid over one another; an answer has been seen with fifty. */
export const MAX_CODINGS = 5;
/** How long a connection may take, name look-up and TLS included. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** Bytes of text from a tool that go into a message for people. */
export const MAX_MESSAGE_CHARS = 300;
