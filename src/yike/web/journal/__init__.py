"""The journal: who did what, when, to which record; append-only and chained. And what a verb is."""
