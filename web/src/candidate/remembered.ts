/** What the candidates' pages remember: words not sent yet, and how somebody answers. */

interface Remembered {
  get(key: string): string;
  set(key: string, value: string): void;
}

/** Every read may fail in a private window. */
function remembered(where: () => Storage): Remembered {
  return {
    get(key) {
      try {
        return where().getItem(`greenroom.${key}`) ?? "";
      } catch {
        return "";
      }
    },
    set(key, value) {
      try {
        if (value) where().setItem(`greenroom.${key}`, value);
        else where().removeItem(`greenroom.${key}`);
      } catch {
        // The value then lasts as long as the page.
      }
    },
  };
}

/** Kept for this tab only. */
export const session = remembered(() => sessionStorage);
/** Kept on this device. */
export const device = remembered(() => localStorage);
