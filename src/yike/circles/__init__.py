"""Drawing circles (划圈): communities joined into living circles by who walks where."""
