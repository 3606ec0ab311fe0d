/** The board of a job. */
import "../elements/board.ts";
