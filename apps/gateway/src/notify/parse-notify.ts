import { parseWebhookSecrets } from '@invoke/connectors';

/** Where messages go; null: that channel does not exist. The URLs are as good as keys and are never logged. */
export interface NotifyConfig {
  readonly slackUrl: string | null;
  readonly emailUrl: string | null;
  readonly eventsUrl: string | null;
  /** Keys that messages to webhooks of one's own are signed with. */
  readonly keys: readonly Uint8Array[];
}

const SECRET = 'INVOKE_EVENTS_WEBHOOK_SECRET';

/** Reads the variables of notifications; what is wrong is said without the value. */
export function parseNotify(read: (name: string) => string | null, problems: string[]): NotifyConfig {
  const url = (name: string): string | null => {
    const value = read(name);
    if (value === null || isWebUrl(value)) return value;
    problems.push(`${name}: expected an http or https URL without a user and a password`);
    return null;
  };
  const eventsUrl = url('INVOKE_EVENTS_WEBHOOK_URL');
  const secret = read(SECRET);
  const keys = secret === null ? [] : parseWebhookSecrets(secret);
  if (keys === null) {
    problems.push(`${SECRET}: expected whsec_ and 24 to 64 bytes as base64; several are separated by spaces`);
  }
  if (eventsUrl !== null && secret === null) {
    problems.push(`${SECRET}: events are only sent signed; set it to whsec_ and 24 to 64 bytes as base64`);
  }
  return {
    slackUrl: url('APPROVAL_SLACK_WEBHOOK_URL'),
    emailUrl: url('APPROVAL_EMAIL_WEBHOOK_URL'),
    eventsUrl,
    keys: keys ?? [],
  };
}

function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}
