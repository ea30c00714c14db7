"""Octets and frames, octets and header blocks, for every version; nothing is too illegal."""
