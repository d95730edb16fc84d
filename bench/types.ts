/** What the load generator sends: over and over, one request at a time per connection. */
export interface LoadRequest {
  /** `POST` to this path. */
  readonly path: string;
  /** Headers and body may contain KEY_PLACEHOLDER; each request then carries another key in its place. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Every answer must have this status and contain this text. */
  readonly expect: { readonly status: number; readonly text: string };
}

export interface LoadPlan {
  /** The connections are spread over them. */
  readonly urls: readonly string[];
  readonly request: LoadRequest;
  readonly connections: number;
  readonly warmupMs: number;
  readonly ms: number;
  /** At most this many requests a second over all connections; without it, as many as are answered. */
  readonly perSecond?: number;
}

export interface LoadResult {
  readonly answers: number;
  /** Answers before the measured time and after it; they have reached the upstream, too. */
  readonly unmeasured: number;
  readonly ms: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all answers, measured or not: a stall may outlast the measured time. */
  readonly longestMs: number;
}

/** CPU microseconds per answer; null where the system does not tell. */
export interface CpuPerAnswer {
  readonly loader: number | null;
  readonly subject: number | null;
}

export type Sample = LoadResult & { readonly cpu: CpuPerAnswer };

/** Something under load, up and ready. */
export interface RunningSubject {
  readonly urls: readonly string[];
  /** The processes whose CPU time is its cost. */
  readonly pids: readonly number[];
  readonly request: LoadRequest;
  /** How many calls of the upstream one answer means. */
  readonly upstreamCalls: 0 | 1;
  stop(): Promise<void>;
}

export interface Subject {
  readonly id: string;
  readonly title: string;
  /** Rejects with NotMeasurable where this machine cannot run it. */
  start(site: Site): Promise<RunningSubject>;
}

/** What subjects need to come up. */
export interface Site {
  /** A folder on a real disk. */
  readonly dir: string;
  readonly upstreamUrl: string;
  readonly upstreamPid: number;
  readonly apiKey: string;
  /** The gateway that is measured. */
  readonly gatewayMain: string;
  start(plan: ProcessPlan): Promise<RunningProcess>;
}

export interface ProcessPlan {
  readonly name: string;
  /** For node. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Its first group is the address. */
  readonly ready: RegExp;
}

export interface RunningProcess {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to its ready line. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** One load experiment: every subject against one baseline, in turns. */
export interface Comparison {
  readonly id: string;
  readonly title: string;
  readonly baseline: Subject;
  readonly subjects: readonly Subject[];
}

export interface ComparedAt {
  readonly subject: string;
  readonly connections: number;
  readonly baseline: Figures;
  readonly figures: Figures;
  /** Of throughput, subject to baseline: the median of the rounds, and the lowest and highest of them. */
  readonly ratio: Spread;
  /** Subject's median latency less the baseline's, in milliseconds. */
  readonly addedP50Ms: Spread;
}

export interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpu: CpuPerAnswer;
}

export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface ComparisonResult {
  readonly id: string;
  readonly title: string;
  readonly baseline: string;
  readonly rows: readonly ComparedAt[];
  /** What this machine could not run, and why. */
  readonly absent: readonly Absence[];
}

export interface Absence {
  readonly subject: string;
  readonly why: string;
}

export interface StartResult {
  /** From the start of the process to its first 200 on /ready, milliseconds. */
  readonly readyMs: Spread;
  /** The CPU time that it took, milliseconds: less at the mercy of what else runs. Null where the system does not tell. */
  readonly readyCpuMs: Spread | null;
  readonly idleRssMb: Spread;
}

/** What it costs to decide on one call, in microseconds; nothing is read or written. */
export interface DecisionResult {
  readonly title: string;
  readonly medianUs: number;
  readonly p99Us: number;
}

/** The most that the load generator can ask for: straight at the upstream. */
export interface Ceiling {
  readonly connections: number;
  readonly perSecond: number;
  readonly loaderCpu: number | null;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** One write and fdatasync of 4 KiB where the databases lie: median, milliseconds. */
  readonly fdatasyncMs: number;
  /** Load average of the last minute before the start; on an idle machine it is near 0. */
  readonly loadBefore: number;
}

/** Several gateways on one Postgres against one of them. */
export interface ClusterResult {
  readonly connections: number;
  readonly rows: readonly ClusterRow[];
  /** Of throughput, several gateways to one. */
  readonly ratio: Spread;
  readonly cores: number;
  /** Of one core, that each gateway was held to; null where it could take what it wanted. */
  readonly share: number | null;
  /** What was used up when all gateways were asked. */
  readonly limit: 'processor' | 'gateways' | 'database' | 'unknown';
}

export interface ClusterRow {
  readonly gateways: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How many cores were in use by what; null where the system does not tell. */
  readonly cores: Readonly<Record<ClusterPart, number | null>>;
  /** How many had nothing to do. */
  readonly idle: number;
}

export type ClusterPart = 'gateways' | 'postgres' | 'loader' | 'upstream';

/** The figures of the benchmark that is run without a flag. */
export interface BenchResult {
  readonly seconds: number;
  readonly rounds: number;
  readonly ceiling: readonly Ceiling[];
  readonly comparisons: readonly ComparisonResult[];
  readonly cluster: ClusterResult | null;
  readonly start: StartResult | null;
  /** The first is the one that the targets are for; none where it was not asked for. */
  readonly decision: readonly DecisionResult[];
}

export interface TargetResult {
  readonly title: string;
  readonly wanted: string;
  readonly measured: string;
  /** Null: this machine cannot show it; `measured` says why. */
  readonly met: boolean | null;
}

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One experiment as it is kept in bench/results, each with the command, day and machine of its own. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly command: string;
  readonly date: string;
  /** How long it took; null where that was not kept. */
  readonly minutes: number | null;
  readonly machine: Machine;
  /** How it was measured, one sentence or paragraph each. */
  readonly method: readonly string[];
  readonly targets: readonly TargetResult[];
  readonly tables: readonly Table[];
  /** What the tables are made of, for programs. */
  readonly figures: unknown;
}
