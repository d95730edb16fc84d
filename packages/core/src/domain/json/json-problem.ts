import type { ErrorCode } from '@invoke/contract';

export type JsonProblemCode = Extract<
  ErrorCode,
  | 'malformed_json'
  | 'duplicate_json_key'
  | 'number_out_of_range'
  | 'json_too_deep'
  | 'json_too_complex'
  | 'invalid_encoding'
  | 'bad_request'
>;

/** Why a text is not JSON that we take. The message is for people and quotes keys and numbers only, never values. */
export interface JsonProblem {
  readonly code: JsonProblemCode;
  /** Offset into the text, in UTF-16 code units. */
  readonly at: number;
  readonly message: string;
}
