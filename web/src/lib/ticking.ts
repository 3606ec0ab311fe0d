/** Renders its element again every half minute while the page is looked at, so that relative times stay true;
 * at once when somebody comes back to it. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

export class Ticking implements ReactiveController {
  private timer = 0;

  constructor(
    private host: ReactiveControllerHost,
    private every = 30_000,
  ) {
    host.addController(this);
  }

  private readonly tick = (): void => {
    if (!document.hidden) this.host.requestUpdate();
  };

  hostConnected(): void {
    this.timer = window.setInterval(this.tick, this.every);
    document.addEventListener("visibilitychange", this.tick);
  }

  hostDisconnected(): void {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.tick);
  }
}
