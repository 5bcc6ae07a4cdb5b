"""Living circles (便民生活圈): communities joined under one name."""
