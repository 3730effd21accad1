"""Import other formats: screenplays, tables, JSON and Markdown become stories.

Each reader turns a text into an `ImportedFilm`; `story_text` writes that as a story. What a reader does not understand
becomes a note for the crew, never a prompt, and is listed with its line.
"""
