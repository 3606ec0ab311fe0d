/** The bell as a page. */
import "../elements/inbox-page.ts";
