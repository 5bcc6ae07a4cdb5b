"""One circle, one plan (一圈一策): actions in order, each with its reason."""
