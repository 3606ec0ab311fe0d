"""Long runs, started by `./dev soak NAME`; each has a short form in the suite."""
