/**
 * The page never freezes: long calculations stop between two multiplications and let the page breathe.
 * What is *not* done here: any work of its own, or a worker; one multiplication is about a millisecond.
 */

/** Let the browser paint and answer before going on. */
export function pause() {
  if (globalThis.scheduler?.yield) return globalThis.scheduler.yield();
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel(); // setTimeout would wait 4 ms each time
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
