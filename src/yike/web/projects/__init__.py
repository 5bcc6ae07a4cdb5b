"""The project list (项目清单): what is to be built, for which needs and gaps, by whom, with which money."""
