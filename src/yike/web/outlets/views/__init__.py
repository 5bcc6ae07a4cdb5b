"""Pages of the register: the desk, the merchant's pages, the ways in."""
