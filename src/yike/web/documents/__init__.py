"""The 1+N plans as documents: DOCX, PDF, XLSX, every number traced to its study."""
