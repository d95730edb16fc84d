import type {
  ApproveRequest,
  CallRequestInput,
  ReconcileRequest,
  ResolveRequest,
  VerifyStateRequest,
} from '@invoke/contract';

/** What came back, in the words of the HTTP API. */
export interface Told {
  /** HTTP status. */
  readonly http: number;
  readonly body: Readonly<Record<string, unknown>>;
}

type Given<Request, Needed extends keyof Request> = Pick<Request, Needed> & Partial<Request>;
export type VerifyGiven = Given<VerifyStateRequest, 'intent'>;
export type ReconcileGiven = Given<ReconcileRequest, 'action' | 'conditions'>;

/** One way into the gateway, with one key. Requests are in the words of the description. */
export interface Door {
  call(request: CallRequestInput): Promise<Told>;
  verifyState(request: VerifyGiven): Promise<Told>;
  reconcile(request: ReconcileGiven): Promise<Told>;
  approval(id: string): Promise<Told>;
  approve(id: string, request?: ApproveRequest): Promise<Told>;
  reject(id: string, comment: string): Promise<Told>;
  resolve(id: string, resolution: ResolveRequest['resolution']): Promise<Told>;
  /** The newest trace of an execution. */
  trace(executionId: string): Promise<Told>;
}

export type OpenDoor = (url: string, key: string) => Door;
