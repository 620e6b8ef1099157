/**
 * Aborted when this process is asked to end: Ctrl-C, a signal, or the death of the launcher that started it with a
 * newer Node. What is under way then ends in its own way and in bounded time; asking again changes nothing, also when
 * it has ended and the process is about to.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, abort);
  process.on("disconnect", abort);
  // Listening for the launcher must not keep this process alive.
  process.channel?.unref();
  return controller.signal;
}
