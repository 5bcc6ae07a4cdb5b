"""营业时间: opening hours as a week of 168 hours, open, closed or not known."""

from yike.hours.chinese import from_chinese, is_chinese
from yike.hours.week import OpenWeek, clock, hour_of_week, open_week, week_of

__all__ = ["OpenWeek", "clock", "from_chinese", "hour_of_week", "is_chinese", "open_week", "week_of"]
