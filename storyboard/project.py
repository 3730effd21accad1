"""The public face: opens a project (configuration, cards, store) and runs the stages."""
