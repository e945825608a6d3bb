/**
 * The page never freezes: long calculations stop between two multiplications and let the page breathe.
 *
 * Not `scheduler.yield`: Chromium goes on with such work before it paints, and frames came 110 ms apart; not
 * `setTimeout`, which waits 4 ms each time. What is *not* done here: any work of its own, or a worker.
 */

/** Let the browser paint and answer before going on. */
export function pause() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
