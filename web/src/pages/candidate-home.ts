import "../candidate/home.ts";
