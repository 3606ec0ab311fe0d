/** What needs me now. */
import "../elements/desk.ts";
