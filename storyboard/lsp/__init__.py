"""The language server: what an editor shows about a story while it is written. Nothing in it can buy or send
anything."""
