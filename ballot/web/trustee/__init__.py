"""The trustees' pages: the ceremony, practice, and the decryption of published totals. No key comes near the server."""
