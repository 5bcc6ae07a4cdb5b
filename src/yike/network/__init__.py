"""步行网络: ways become nodes and links; a walker gives each link a cost there and a cost back."""
