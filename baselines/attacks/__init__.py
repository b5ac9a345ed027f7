"""Textbook attacks as models: what a cryptanalyst would use instead of a network, on the same board.

An attack learns nothing from the training problems, or only what they say of the language. It gives None where it finds
nothing, and its seconds stand beside its score. The tasks that it answers name it as their `solve`.
"""
