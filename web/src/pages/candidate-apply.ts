/* The form to apply on a page of its own. */
import { wireApplyForm } from "../candidate/apply.ts";

const form = document.querySelector<HTMLFormElement>("form[data-action]");
if (form) wireApplyForm(form);
