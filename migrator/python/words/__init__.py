"""The word that says which transport a start serves: where it comes from, what tests it, what takes its place."""
