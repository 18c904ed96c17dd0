/** When things are drawn and asked for: once a frame, not too often. */

/** Make a function that draws in the next frame, however often it is called before. @param {() => void} draw */
export function oncePerFrame(draw) {
  let frame = 0;
  return () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  };
}

/**
 * Make a function that asks: at once if it is long enough ago, else when it is; never twice at a time.
 *
 * @param {number} ms
 * @param {() => Promise<unknown>} ask
 */
export function notTooOften(ms, ask) {
  let wanted = false;
  let busy = false;
  const run = async () => {
    busy = true;
    wanted = false;
    await ask().catch(() => undefined); // the next change asks again
    setTimeout(() => {
      busy = false;
      if (wanted) void run();
    }, ms);
  };
  return () => {
    wanted = true;
    if (!busy) void run();
  };
}
