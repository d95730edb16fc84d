import type {
  ApprovalOutcome,
  ApprovalView,
  CallRequestInput,
  CallStatus,
  ExecutionView,
  FieldDrift,
  SettlementAnswer,
  ToolRegistrationInput,
  VerifiedField,
  VerifyStateAnswer,
  VerifyStateRequest,
} from '@invoke/contract';

/** Something that a tool did, or a request that reached it. Only ever appended, by the tool's own server. */
export interface LedgerEntry {
  readonly seq: number;
  /** One side of one scene: `payment/naive`. */
  readonly chapter: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: string;
  /** What it was done to: `pay_42`, `cust_999`. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** How the tools misbehave in one chapter. Both sides of a scene get the same faults. */
export interface Faults {
  /** Tool name to how many of its first calls fail. */
  readonly failFirst?: Readonly<Record<string, number>>;
  /** Tool name to how many of its first calls take effect and are then never answered. */
  readonly loseAnswers?: Readonly<Record<string, number>>;
  /** How many of the first charges are answered as paid, and then taken back by the bank. */
  readonly chargesReturned?: number;
}

export type Tone = 'plain' | 'good' | 'bad' | 'dim';

/** One line of what happened on one side. */
export interface Line {
  readonly tone: Tone;
  readonly text: string;
}

export type Tell = (text: string, tone?: Tone) => void;

/** What a tool answered, as an agent without Invoke sees it. */
export type ToolOutcome =
  | { readonly kind: 'answered'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: 'failed'; readonly why: string };

/** The demo's servers with tools, seen from outside. */
export interface ToolServer {
  readonly mcpUrl: string;
  /** Starts a chapter: the records are as at the beginning again, and the faults are these. */
  openChapter(name: string, faults: Faults): Promise<void>;
  /** What the server has written down in this chapter. */
  ledger(chapter: string): Promise<readonly LedgerEntry[]>;
  /** Has the server send a signed event (Standard Webhooks) about a payment, and gives what the receiver answered. */
  sendEvent(order: EventOrder): Promise<{ readonly http: number; readonly text: string }>;
}

export interface EventOrder {
  readonly to: string;
  readonly type: 'payment.succeeded' | 'payment.failed';
  readonly payment_id: string;
}

/** An answer of the gateway, as it came over the wire. */
export interface InvokeAnswer {
  readonly http: number;
  readonly headers: Headers;
  /** The body as text, and read. */
  readonly text: string;
  readonly body: InvokeBody;
}

/** The fields of an answer (or of a problem document) that the demo reads. */
export interface InvokeBody {
  readonly status?:
    CallStatus | VerifyStateAnswer['status'] | SettlementAnswer['status'] | ApprovalOutcome | number;
  readonly execution_id?: string | null;
  readonly trace_id?: string;
  readonly result?: unknown;
  readonly decision?: string;
  readonly replayed?: boolean;
  readonly code?: string;
  readonly detail?: string;
  /** While a call waits for a human. */
  readonly approval_id?: string;
  /** Of a read approval. */
  readonly approval?: Pick<ApprovalView, 'id' | 'status' | 'digest' | 'frozen_state' | 'previous_id'>;
  /** Of a decision on one: the approval that took its place, and why. */
  readonly next_approval_id?: string | null;
  readonly drift?: readonly FieldDrift[];
  /** Of verified state. */
  readonly fields?: readonly VerifiedField[];
}

/** POST /state/verify, with what may be left out left out. */
export type StateQuestion = Pick<VerifyStateRequest, 'intent'> & Partial<VerifyStateRequest>;

/** The gateway, as an agent calls it. Every answer is kept for the scene's checks. */
export interface InvokeCaller {
  /** `waitSeconds`: if an earlier call with the same key is still being executed, wait for it. */
  call(request: CallRequestInput, options?: { readonly waitSeconds?: number }): Promise<InvokeAnswer>;
  /** Whether what the agent assumes still holds. */
  verifyState(question: StateQuestion): Promise<InvokeAnswer>;
}

/** Who has a key of the gateway: the agent that calls, and a human who may only decide on approvals. */
export type KeyHolder = 'agent' | 'human';

/** The approvals of the gateway, with the key of one of them. */
export interface Approvals {
  read(id: string): Promise<InvokeAnswer>;
  /** `digest`: of what was shown. */
  approve(id: string, shown?: { readonly digest: string | undefined }): Promise<InvokeAnswer>;
  reject(id: string): Promise<InvokeAnswer>;
}

/** The gateway as a process, for scenes that hurt it. */
export interface GatewayProcess {
  /** SIGKILL: no goodbye, nothing flushed. */
  kill(): Promise<void>;
  /** Starts it again on the same data. */
  start(): Promise<void>;
}

export interface NaiveStage {
  readonly tell: Tell;
  readonly flaky: ToolServer;
  readonly business: ToolServer;
  /** The chapter that is open; its ledger is what counts. */
  readonly chapter: string;
  /** Runs a script of the demo as a process of its own. */
  spawnAgent(script: string, args: readonly string[]): AgentProcess;
}

export interface InvokeStage extends Omit<NaiveStage, 'spawnAgent'> {
  readonly invoke: InvokeCaller;
  approvalsOf(holder: KeyHolder): Approvals;
  /** Has the payments provider send an event to the gateway. */
  eventToGateway(event: Omit<EventOrder, 'to'>): Promise<InvokeAnswer>;
  readonly gateway: GatewayProcess;
}

export interface AgentProcess {
  kill(): Promise<void>;
  /** Its output lines, once it has ended by itself. */
  readonly ended: Promise<readonly string[]>;
}

/** What a scene is judged by: the ledgers first, the gateway's own words only beside them. */
export interface SceneFacts {
  readonly naive: readonly LedgerEntry[];
  readonly invoke: readonly LedgerEntry[];
  /** The gateway's answers, in the order of the calls. */
  readonly answers: readonly InvokeAnswer[];
  readonly executions: readonly ExecutionView[];
}

export interface Check {
  readonly claim: string;
  readonly holds: boolean;
}

/** A number read off a ledger, shown for both sides. */
export interface Measure {
  readonly label: string;
  count(entries: readonly LedgerEntry[]): number;
}

/** One production failure: lived through by an agent without Invoke, and with it. */
export interface Scene {
  readonly id: string;
  readonly title: string;
  /** One line: what goes wrong. */
  readonly story: string;
  readonly faults: Faults;
  readonly measures: readonly Measure[];
  naive(stage: NaiveStage): Promise<void>;
  throughInvoke(stage: InvokeStage): Promise<void>;
  expect(facts: SceneFacts): readonly Check[];
}

/** A scene after it was played. */
export interface SceneReport {
  readonly id: string;
  readonly title: string;
  readonly story: string;
  readonly naive: Side;
  readonly invoke: Side;
  readonly executions: readonly ExecutionView[];
  readonly checks: readonly Check[];
  readonly ok: boolean;
  readonly ms: number;
}

export interface Side {
  readonly lines: readonly Line[];
  readonly counts: readonly Count[];
}

export interface Count {
  readonly label: string;
  readonly n: number;
}

/** A tool of the demo, and the server on which it lives. */
export interface DemoTool {
  readonly server: 'flaky' | 'business';
  readonly registration: Omit<ToolRegistrationInput, 'mcp_url' | 'http'>;
}
