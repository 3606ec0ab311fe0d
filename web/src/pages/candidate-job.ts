/* The public job page: the job video and the form to apply. */
import "../recording/playback.ts";
import { wireApplyForm } from "../candidate/apply.ts";

const form = document.querySelector<HTMLFormElement>("form[data-action]");
if (form) wireApplyForm(form);
