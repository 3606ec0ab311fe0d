/** The live monitor. */
import "../elements/monitor.ts";
