/** The job editor. */
import "../elements/job-editor.ts";
