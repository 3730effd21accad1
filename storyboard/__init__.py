"""storyboard: write a film as plain text in git, compile it into text-to-video jobs, pay for each once."""

__version__ = "0.1.0"
