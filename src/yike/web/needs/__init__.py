"""The needs list (需求清单): what residents, hotlines, surveys and gaps ask for."""
