"""What people read: map sheets, tables, one page that opens offline."""
