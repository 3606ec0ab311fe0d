import "../candidate/check.ts";
