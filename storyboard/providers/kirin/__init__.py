"""The Kirin gateway: the only package that knows its format. It turns requests into payloads, and reads replies."""
