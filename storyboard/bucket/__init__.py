"""A bucket that a team shares: purchase notes, clips, purses and lock lists. Nothing here is imported without one."""
