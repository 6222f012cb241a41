// Must fail the type-aware lint: nobody waits for this promise. If it passes, the lint does not look at types.
async function settle(): Promise<void> {
  await Promise.resolve()
}

export function forget(): void {
  settle()
}
