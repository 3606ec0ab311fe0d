/** The board of a job. */
import "../elements/board.ts";
import { keepWalk } from "../lib/walk.ts";

keepWalk([]); // from here on one goes along stages
document.documentElement.classList.add("swiped");
