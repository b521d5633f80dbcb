"""Whether images come out the same, byte for byte, wherever they are built."""
