/** The list of jobs. */
import "../elements/jobs.ts";
