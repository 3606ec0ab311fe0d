import { wireConsentForm } from "../candidate/consenting.ts";

wireConsentForm(document.querySelector("form")!);
