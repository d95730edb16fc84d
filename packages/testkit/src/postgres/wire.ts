/** As much of the wire protocol of Postgres (version 3) as a pooler has to read. */
export interface WireMessage {
  /** One letter. */
  readonly type: string;
  readonly body: Buffer;
  /** All of it, as it came. */
  readonly bytes: Buffer;
}

export function message(type: string, body: Buffer | string): Buffer {
  const content = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

/** ReadyForQuery, outside of a transaction. */
export const READY = message('Z', 'I');

export function errorMessage(text: string): Buffer {
  return message('E', `SERROR\0C0A000\0M${text}\0\0`);
}

export function startupPacket(user: string, database: string): Buffer {
  const content = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(content.length + 8, 0);
  head.writeInt32BE(196608, 4);
  return Buffer.concat([head, content]);
}

/** Cuts a stream into messages. */
export function createMessageReader(hear: (message: WireMessage) => void): (data: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    while (rest.length >= 5 && rest.length >= rest.readInt32BE(1) + 1) {
      const end = rest.readInt32BE(1) + 1;
      const bytes = rest.subarray(0, end);
      rest = rest.subarray(end);
      hear({ type: bytes.toString('latin1', 0, 1), body: bytes.subarray(5), bytes });
    }
  };
}
