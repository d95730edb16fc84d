import { createMessageSender } from '@invoke/connectors';
import type { MessageSender } from '@invoke/core/ports';
import { createCheckedFetch } from '@invoke/mcp-client';
import type { NotifyConfig } from './parse-notify.js';

/** Carries messages to the addresses of the configuration, within the egress policy; null where there are none. */
export function notifySender(config: NotifyConfig, allowLoopback: boolean): MessageSender | null {
  const { slackUrl, emailUrl, eventsUrl } = config;
  if (slackUrl === null && emailUrl === null && eventsUrl === null) return null;
  const checked = createCheckedFetch({ allowLoopback });
  return createMessageSender({
    ...config,
    post: (request) => checked.fetch({ ...request, mayStillSend: () => true }),
    now: Date.now,
    close: () => checked.close(),
  });
}
