/** `invoke help <topic>`. */
export const TOPICS: Readonly<Record<string, string>> = {
  'exit-codes': `Exit codes

  0    done (a call: completed, or found to have happened)
  1    failed
  2    the command line is wrong
  4    not authenticated: no API key, or the gateway does not take it
  10   blocked: by a policy, a budget, the limits of the key, a human, or because it points at the wrong entity
  11   waits for an approval, or for one more
  12   the plan no longer fits the world (replan required)
  13   the outcome is unknown: it may have happened; ask again with the same idempotency key
  14   it did not happen, and a retry is allowed; only invoke reconcile says so, and only where it is certain
  130  interrupted`,

  environment: `Environment

  INVOKE_API_KEY, TRACE_API_KEY      the API key; wins over invoke login
  INVOKE_BASE_URL, TRACE_BASE_URL    the gateway; wins over invoke login
  INVOKE_HOME                        the folder for credentials and deployments instead of ~/.invoke
  INVOKE_DEBUG                       like --debug
  NO_COLOR, FORCE_COLOR              never colour; always colour
  CI                                 nothing is asked

Where a coding agent runs the CLI (AI_AGENT, CLAUDECODE, CURSOR_AGENT, GEMINI_CLI, ...), nothing is asked, errors are
JSON on standard error, and what tools said is marked {"untrusted": true, "data": ...}.

Settings of invoke gateway: PORT, HOST, INVOKE_DATA_DIR, INVOKE_API_KEYS, INVOKE_API_KEY_SCOPES and the others of the
gateway.`,

  params: `Params of invoke call, preflight and execute

  '{"customer_id":"cust_123"}'       one JSON object
  @params.json                       the same from a file
  -                                  the same from standard input
  customer_id=cust_123 amount=5      pairs: whole and decimal numbers, true, false and null are what they look like,
                                     anything else is a text (007, 1e3 and 12345678901234567890 too)
  customer_id:='"123"' tags:='["a"]' pairs with any JSON value

What JSON would lose is refused: equal keys in one object, and whole numbers beyond 2^53.`,
};
