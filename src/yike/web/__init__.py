"""平台: the web platform. Records with identity, rights and history; every write is a verb (``docs/decisions``)."""
