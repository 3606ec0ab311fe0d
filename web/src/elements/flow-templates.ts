/** The menu of flows to begin from, and what can be done with those that a workspace keeps. */
import type { FlowTemplateView } from "../live/protocol.gen.ts";
import { sentence } from "../lib/api.ts";
import { confirmed } from "../lib/confirm.ts";
import { api } from "../lib/me.ts";
import type { Choice } from "../lib/menu.ts";
import { change } from "../lib/outbox.ts";
import { alarm, toast } from "../lib/toast.ts";
import { nameOf } from "./flow-dialogs.ts";

export function templateChoices(
  templates: readonly FlowTemplateView[],
  use: (template: FlowTemplateView) => void,
  keep: () => void,
): Choice[] {
  const own = templates.filter((template) => template.id);
  const shipped = templates.filter((template) => !template.id);
  return [
    ...shipped.map((template) => ({ label: template.name, icon: "board", run: () => use(template) })),
    ...own.map((template, index) => ({
      label: template.name,
      icon: "flag",
      apart: index === 0,
      run: () => use(template),
    })),
    { label: "Keep this flow", icon: "plus", apart: true, run: keep },
    ...own.map((template) => ({
      label: `Delete “${template.name}”`,
      icon: "bin",
      danger: true,
      run: () => void remove(template),
    })),
  ];
}

/** Keeps the flow under a name that is asked for. */
export async function keepFlow(templates: readonly FlowTemplateView[], stages: unknown): Promise<void> {
  const name = await nameOf(templates.flatMap((template) => (template.id ? [template.name] : [])));
  if (name === null) return;
  try {
    await change({
      lane: "flow-templates",
      method: "POST",
      path: api("flow-templates"),
      body: { name, stages },
      words: "The flow was not kept.",
    });
    toast("The flow is kept. Find it under Templates in every job.", { name: "flow-template" });
  } catch (error) {
    alarm(sentence(error));
  }
}

async function remove(template: FlowTemplateView): Promise<void> {
  const agreed = await confirmed({
    title: "Delete this kept flow?",
    text: `“${template.name}” is not offered any more. Jobs that use it stay as they are.`,
    yes: "Delete",
    danger: true,
  });
  if (!agreed) return;
  try {
    const words = "The kept flow was not deleted.";
    await change({ lane: "flow-templates", method: "DELETE", path: api(`flow-templates/${template.id}`), words });
  } catch (error) {
    alarm(sentence(error));
  }
}
