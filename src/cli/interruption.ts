// What ends a command early.

/** npm passes on the signal that the terminal has sent to everybody already: one Ctrl-C arrives twice. */
const sameKeystrokeMs = 1_000

/** Aborted by the first Ctrl-C (or SIGTERM); a second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  let since: number | undefined
  const hear = (): void => {
    if (since !== undefined && performance.now() - since > sameKeystrokeMs) process.exit(1)
    since ??= performance.now()
    controller.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, hear)
  return controller.signal
}

/** The error and its causes. Errors of ours never hold a token, a key or a diff. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${describeError(error.cause)})` : error.message
}
