"""数据导入: files become checked tables; all doubt ends here."""
