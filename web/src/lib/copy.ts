/** Copies text, on insecure origins too, and says so. */
import { alarm, toast } from "./toast.ts";

export async function copyText(text: string, done = "Copied"): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(done, { name: "copied" });
  } catch {
    if (copyBySelection(text)) toast(done, { name: "copied" });
    else alarm(`Copying is blocked here. The link is ${text}`);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "sr";
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
