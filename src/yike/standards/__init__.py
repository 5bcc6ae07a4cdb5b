"""业态与标准目录: what a quarter-hour circle must offer, as data with clause and evidence grade."""
