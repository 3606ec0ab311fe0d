/** Does something again soon: many wishes at once cost one time, hidden pages none until they are looked at. */

export class Sparingly {
  private timer = 0;
  private stale = false;

  /** `work` may fail: the next wish tries again. `pause` is in milliseconds, spread so that tabs do not ask together. */
  constructor(
    private readonly work: () => Promise<unknown>,
    private readonly pause = 500,
  ) {
    document.addEventListener("visibilitychange", this.seen);
  }

  soon(): void {
    this.stale = true;
    this.timer ||= window.setTimeout(
      () => {
        this.timer = 0;
        this.seen();
      },
      this.pause * (0.5 + Math.random()),
    );
  }

  stop(): void {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }

  private seen = (): void => {
    if (document.hidden || !this.stale || this.timer) return;
    this.stale = false;
    this.work().catch(() => (this.stale = true));
  };
}
