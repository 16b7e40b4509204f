/**
 * Does a job in a task of its own, so that the frame that it is about is drawn and acknowledged before; as soon as it
 * may be done again, and once however often it was asked for meanwhile.
 */
export class Afterwards {
  private readonly job: () => void;
  private notBefore = -Infinity;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(job: () => void) {
    this.job = job;
  }

  ask(): void {
    this.timer ??= setTimeout(
      () => {
        this.timer = null;
        this.job();
      },
      Math.max(0, Math.ceil(this.notBefore - performance.now())),
    );
  }

  /** From when on (ms of the monotonic clock) it may be done again; what was asked for before keeps its time. */
  holdUntil(time: number): void {
    this.notBefore = time;
  }

  cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
