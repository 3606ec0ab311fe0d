/** A person across all jobs. */
import "../elements/profile.ts";
