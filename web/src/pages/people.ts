/** Members and invitations. */
import "../elements/people.ts";
