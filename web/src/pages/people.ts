/** Members and invitations. */
import "../elements/people.ts";
import "../elements/watched.ts";
