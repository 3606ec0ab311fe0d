/** The team's page of one candidate. */
import "../elements/application.ts";
