/** Keeps the screen on while somebody records; browsers forget it whenever the page was hidden. */

export class Awake {
  #lock: WakeLockSentinel | null = null;
  #onVisible = (): void => {
    if (document.visibilityState === "visible") void this.#ask();
  };

  hold(): void {
    document.addEventListener("visibilitychange", this.#onVisible);
    void this.#ask();
  }

  release(): void {
    document.removeEventListener("visibilitychange", this.#onVisible);
    void this.#lock?.release().catch(() => undefined);
    this.#lock = null;
  }

  async #ask(): Promise<void> {
    try {
      this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      // Battery saver says no; the recording goes on all the same.
    }
  }
}
