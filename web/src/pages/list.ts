/** A job's candidates as a list. */
import "../elements/list.ts";
