/**
 * Sets custom properties on an element from a Lit template. The CSP forbids `style` attributes, and Lit's own styleMap
 * writes one on the first render.
 *
 *     html`<i ${properties({ "--at": "40%" })}></i>`
 */
import { nothing } from "lit";
import { Directive, directive, type ElementPart } from "lit/directive.js";

type Properties = Readonly<Record<string, string>>;

class PropertiesDirective extends Directive {
  private set = new Map<string, string>();

  render(_properties: Properties): typeof nothing {
    return nothing;
  }

  override update(part: ElementPart, [properties]: [Properties]): typeof nothing {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(properties)) {
      if (this.set.get(name) !== value) {
        style.setProperty(name, value);
        this.set.set(name, value);
      }
    }
    return nothing;
  }
}

export const properties = directive(PropertiesDirective);
