// What ends a command early.

/** Aborted by the first Ctrl-C (or SIGTERM); the second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
  return controller.signal
}

/** The error and its causes. Errors of ours never hold a token, a key or a diff. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${describeError(error.cause)})` : error.message
}
