/** Candidates from a file. */
import "../elements/import.ts";
