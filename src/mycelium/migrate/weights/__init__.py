"""Weights between frameworks: names, layouts, and the files that hold them."""
