"""1+N plans as documents: a city's plan and one per circle, as DOCX, PDF and XLSX, with every number traced."""

from yike.report.documents.figures import Figure, Origin
from yike.report.documents.pieces import Document

__all__ = ["Document", "Figure", "Origin"]
