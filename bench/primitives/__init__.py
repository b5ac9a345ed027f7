"""Ciphers, generators and hash functions as their standards describe them, over columns: numpy arrays or torch tensors.

Below generators and baselines alike: a generator asks with a primitive, an attack or a distinguisher answers with the
same one. A block, a key or a state is a list of *words*, most significant first; a word is an array of shape (n,), one
entry a problem. A round function reads like its standard's own text. Everything here is for study: reduced rounds,
toy sizes and vectors; nothing is constant in time and nothing guards a secret.
"""
