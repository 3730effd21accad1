"""The tables of mp4 files: clips joined by them (`concat_alike`), and judged by them (`measure_tables`),
what other programs ask of one (`read_table_format`), and whether one carries Content Credentials
(`carries_credentials`).

Nothing outside imports a module of this package; import-linter holds that.
"""

from __future__ import annotations

from storyboard.media.mp4.concat import concat_alike
from storyboard.media.mp4.content_credentials import carries_credentials
from storyboard.media.mp4.measure import measure_tables, read_table_format
from storyboard.media.mp4.nal_units import read_nal_format

__all__ = ["carries_credentials", "concat_alike", "measure_tables", "read_nal_format", "read_table_format"]
