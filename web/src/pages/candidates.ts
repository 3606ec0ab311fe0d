/** All candidates of the workspace. */
import "../elements/candidates.ts";
