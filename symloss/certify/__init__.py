"""Certificates: the error of generated kernels against exact results, over the whole format."""
