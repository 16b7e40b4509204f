/**
 * Does a job in a task of its own, so that the frame that it is about is drawn and acknowledged before; as soon as it
 * may be done again, and once however often it was asked for meanwhile.
 */
export class Afterwards {
  private readonly job: () => number;
  private notBefore = -Infinity;
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** @param job returns the time (ms of the monotonic clock) from which on it may be done again */
  constructor(job: () => number) {
    this.job = job;
  }

  ask(): void {
    this.timer ??= setTimeout(
      () => {
        this.timer = null;
        this.notBefore = this.job();
      },
      Math.max(0, Math.ceil(this.notBefore - performance.now())),
    );
  }

  cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
