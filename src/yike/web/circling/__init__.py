"""Drawing circles (划圈): proposals of circles from communities, their versions, their profiles."""
