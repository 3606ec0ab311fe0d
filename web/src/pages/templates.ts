/** The words that a workspace keeps to write from. */
import "../elements/templates.ts";
