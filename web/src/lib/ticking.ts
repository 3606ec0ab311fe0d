/** Renders its element again every half minute while the page is looked at, so that relative times stay true. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

export class Ticking implements ReactiveController {
  private timer = 0;

  constructor(
    private host: ReactiveControllerHost,
    private every = 30_000,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.timer = window.setInterval(() => {
      if (!document.hidden) this.host.requestUpdate();
    }, this.every);
  }

  hostDisconnected(): void {
    clearInterval(this.timer);
  }
}
