// Linear's GraphQL API, as far as it is needed. Linear lets the caller choose the id of a new issue: made from Invoke's
// idempotency key, it turns "create" into "create once", also when an answer was lost on the way.
import { createHash } from 'node:crypto';
import { ToolError } from './mcp-server.ts';

export interface NewIssue {
  readonly teamId: string;
  readonly title: string;
  readonly description?: string;
  readonly priority?: number;
}

export interface Issue {
  readonly id: string;
  readonly identifier: string;
  readonly title: string;
  readonly url: string;
}

const ISSUE_FIELDS = 'id identifier title url';
const TIMEOUT_MS = 15_000;

export async function createIssue(issue: NewIssue, key: string | undefined): Promise<Issue> {
  const id = key === undefined ? undefined : toUuid(key);
  const created = await query<{ issueCreate: { success: boolean; issue: Issue | null } }>(
    `mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { ${ISSUE_FIELDS} } } }`,
    { input: { ...issue, ...(id === undefined ? {} : { id }) } },
  );
  if (created.kind === 'ok' && created.data.issueCreate.issue !== null) return created.data.issueCreate.issue;
  const before = id === undefined ? undefined : await findIssue(id);
  if (before !== undefined) return before;
  throw new ToolError(created.kind === 'ok' ? 'Linear has not created the issue' : created.message);
}

async function findIssue(id: string): Promise<Issue | undefined> {
  const found = await query<{ issue: Issue | null }>(
    `query($id: String!) { issue(id: $id) { ${ISSUE_FIELDS} } }`,
    { id },
  );
  return found.kind === 'ok' ? (found.data.issue ?? undefined) : undefined;
}

type Answer<T> =
  { readonly kind: 'ok'; readonly data: T } | { readonly kind: 'refused'; readonly message: string };

/** Throws where nobody can tell what happened: the caller then hears of an error, not of a refusal. */
async function query<T>(text: string, variables: object): Promise<Answer<T>> {
  const apiKey = process.env['LINEAR_API_KEY'];
  if (!apiKey) throw new ToolError('LINEAR_API_KEY is not set: put it into .env and start the server again');
  const response = await fetch(process.env['LINEAR_API_URL'] || 'https://api.linear.app/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: apiKey },
    body: JSON.stringify({ query: text, variables }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status >= 500) throw new Error(`Linear: HTTP ${response.status}`);
  const answer = (await response.json()) as { data?: T | null; errors?: { message: string }[] };
  const message = answer.errors?.map((error) => error.message).join('; ');
  if (message !== undefined && message !== '') return { kind: 'refused', message: `Linear: ${message}` };
  if (!response.ok || answer.data == null) throw new Error(`Linear: HTTP ${response.status}`);
  return { kind: 'ok', data: answer.data };
}

/** A UUID of version 4 in form, but always the same for one key. */
function toUuid(key: string): string {
  const hex = createHash('sha256').update(`linear issue\n${key}`).digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4];
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}
