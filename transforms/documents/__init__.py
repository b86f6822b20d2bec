"""Documents for borrowers, made of kernels' figures: the Key Facts Statement and the statement of account as PDF.

Belongs here: words, layout, rendering to bytes. Does not: figures (kernels), where a document is kept or sent.
"""
