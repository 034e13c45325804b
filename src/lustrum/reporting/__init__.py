"""Plans made readable: figures in words, small charts, tables for the terminal."""
