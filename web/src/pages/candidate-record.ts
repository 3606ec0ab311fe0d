import "../candidate/record.ts";
