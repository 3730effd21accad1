"""The language server: what an editor shows of a story while it is written. Nothing in it can buy or send anything."""
