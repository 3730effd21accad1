"""The one door to the disk: what is read is recorded, what is written is whole or not at all."""
