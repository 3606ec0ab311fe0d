/**
 * How loud the microphone is, ten times a second, and whether a voice was heard.
 *
 * `LevelMeter` measures; `<gr-meter>` draws sixteen bars and the words beside them. The words matter more than the bars:
 * they are what a person who cannot see the bars, or does not know what they mean, goes by.
 */

/** Loudness below this (dBFS) is a silent room; a quiet voice at arm's length is around -42. */
const FLOOR_DB = -60;
const VOICE_DB = -45;
const ASLEEP_TICKS = 25;

export class LevelMeter {
  #context: AudioContext | null = null;
  #timer = 0;
  #source: MediaStreamAudioSourceNode | null = null;

  /**
   * Starts measuring; `onLevel` gets 0..1 and whether this counts as a voice. `onAsleep` is called when the browser does
   * not let us listen (no sound output on this machine, or a policy): the microphone may be fine all the same.
   */
  start(
    stream: MediaStream,
    onLevel: (level: number, voice: boolean, db: number) => void,
    onAsleep?: () => void,
  ): void {
    this.stop();
    if (stream.getAudioTracks().length === 0) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    this.#source = context.createMediaStreamSource(stream);
    this.#source.connect(analyser);
    this.#context = context;
    const samples = new Float32Array(analyser.fftSize);
    let asleep = 0;
    this.#timer = window.setInterval(() => {
      // Without a gesture some browsers start the context asleep; capturing usually lets it wake.
      if (context.state === "suspended") {
        void context.resume();
        if (++asleep === ASLEEP_TICKS) onAsleep?.();
        return;
      }
      analyser.getFloatTimeDomainData(samples);
      const db = loudness(samples);
      onLevel(Math.min(1, Math.max(0, (db - FLOOR_DB) / -FLOOR_DB) * 1.25), db > VOICE_DB, db);
    }, 100);
  }

  stop(): void {
    window.clearInterval(this.#timer);
    this.#source?.disconnect();
    this.#source = null;
    void this.#context?.close().catch(() => undefined);
    this.#context = null;
  }
}

/** Root mean square in dBFS; silence is -100. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / samples.length);
  return rms > 1e-5 ? 20 * Math.log10(rms) : -100;
}

const BARS = 16;
const WORDS = {
  waiting: "Say something",
  heard: "We hear you",
  quiet: "We cannot hear you",
  asleep: "Microphone is on",
};

/**
 * `<gr-meter>`: set `.stream`.
 * Fires `gr-heard` (bubbles) the first time a voice is heard on this stream, `gr-unmeasured` when it cannot listen.
 */
export class MeterElement extends HTMLElement {
  #meter = new LevelMeter();
  #stream: MediaStream | null = null;
  #bars: HTMLElement[] = [];
  #words: HTMLElement | null = null;
  #voicedAt = 0;
  #startedAt = 0;
  #recent: number[] = [];

  get stream(): MediaStream | null {
    return this.#stream;
  }

  set stream(stream: MediaStream | null) {
    if (stream === this.#stream) return;
    this.#stream = stream;
    if (this.isConnected) this.#listen();
  }

  connectedCallback(): void {
    if (this.#bars.length === 0) this.#draw();
    this.#listen();
  }

  disconnectedCallback(): void {
    this.#meter.stop();
  }

  #draw(): void {
    const bars = document.createElement("span");
    bars.className = "meter";
    bars.setAttribute("aria-hidden", "true");
    this.#bars = Array.from({ length: BARS }, () => bars.appendChild(document.createElement("i")));
    this.#words = document.createElement("span");
    this.append(bars, this.#words);
  }

  #listen(): void {
    this.#meter.stop();
    this.#voicedAt = 0;
    this.#startedAt = performance.now();
    this.#recent = [];
    this.#say(WORDS.waiting);
    if (this.#stream) {
      this.#meter.start(
        this.#stream,
        (level, voice) => this.#show(level, voice),
        () => {
          this.#say(WORDS.asleep);
          this.dispatchEvent(new CustomEvent("gr-unmeasured", { bubbles: true }));
        },
      );
    }
  }

  #show(level: number, voice: boolean): void {
    this.#recent = [level, ...this.#recent].slice(0, 4);
    const peak = Math.max(...this.#recent);
    const lit = Math.round(level * BARS);
    this.#bars.forEach((bar, at) => {
      bar.classList.toggle("on", at < lit);
      // A gentle arch, so that the row reads as a voice and not as a loading bar.
      const height =
        at < lit ? 5 + 17 * Math.min(1, peak * (0.55 + 0.45 * Math.abs(Math.sin(at * 1.9 + level * 9)))) : 5;
      bar.style.setProperty("height", `${height.toFixed(1)}px`);
    });
    const now = performance.now();
    if (voice) {
      if (this.#voicedAt === 0) this.dispatchEvent(new CustomEvent("gr-heard", { bubbles: true }));
      this.#voicedAt = now;
    }
    if (this.#voicedAt && now - this.#voicedAt < 6000) this.#say(WORDS.heard);
    else if (now - Math.max(this.#voicedAt, this.#startedAt) > 6000) this.#say(WORDS.quiet);
  }

  #say(words: string): void {
    if (this.#words && this.#words.textContent !== words) this.#words.textContent = words;
  }
}

if (!customElements.get("gr-meter")) customElements.define("gr-meter", MeterElement);
