"""The language's grammar as data: `story.lark`, shipped as `storyboard.grammar`."""
